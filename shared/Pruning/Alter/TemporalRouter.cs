using Mlops.Diffusion;
using Mlops.Diffusion.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Pruning.Alter;

/// <summary>
/// ALTER's temporal router (arXiv 2505.21817, section 3.2 and appendix): Linear, LayerNorm, ReLU, Linear over the
/// frozen embeddings of all native timesteps 0 … T − 1 (the published DiT code counts from 1; we do not).
/// </summary>
public sealed class TemporalRouter : NamedModule
{
    private readonly Tensor _table;
    private readonly Linear _hidden;
    private readonly LayerNorm _norm;
    private readonly Linear _head;

    /// <param name="table">Embeddings [T, D]; the router copies them and computes where they are.</param>
    public TemporalRouter(Tensor table, AlterSizes sizes, long seed) : base(nameof(TemporalRouter))
    {
        if (table.dim() != 2)
            throw new ArgumentException($"the timestep table must be [T, D], not of rank {table.dim()}", nameof(table));

        _table = table.detach().clone().DetachFromDisposeScope();
        register_buffer("table", _table);
        _hidden = Register("hidden", SeededLayers.Linear(
            table.shape[1], sizes.RouterHidden, true, Seeds.Of(seed, "alter-router", 0), table.device));
        _norm = Register("norm", nn.LayerNorm(sizes.RouterHidden, device: table.device));
        _head = Register("head", SeededLayers.Linear(
            sizes.RouterHidden, sizes.Experts, false, Seeds.Of(seed, "alter-router", 1), table.device));
    }

    /// <summary>Routing logits [T, N_e], in the caller's scope.</summary>
    public Tensor Logits()
    {
        using var scope = NewDisposeScope();
        return _head.call(_norm.call(_hidden.call(_table)).relu()).MoveToOuterDisposeScope();
    }
}

using Mlops.Diffusion;
using Mlops.Diffusion.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Pruning.Alter;

/// <summary>
/// ALTER's expert generator (arXiv 2505.21817, section 3.2 and appendix): a small network over a frozen orthogonal
/// table Z turns every (expert, layer) pair into the logit of its gate. The first layer norm is in the published code
/// and not in the paper's table; single rows of Z have norm about √(1/N_L), so that it matters.
/// </summary>
public sealed class ExpertGenerator : NamedModule
{
    private readonly Tensor _embedding;
    private readonly LayerNorm _normIn;
    private readonly Linear _hidden;
    private readonly LayerNorm _normHidden;
    private readonly Linear _head;

    /// <param name="layers">N_L: number of gateable layers.</param>
    /// <param name="seed">Fixes Z and the initial weights.</param>
    public ExpertGenerator(int layers, AlterSizes sizes, long seed, Device device) : base(nameof(ExpertGenerator))
    {
        if (sizes.Experts < 1 || sizes.Experts > (long)layers * sizes.Input)
            throw new ArgumentOutOfRangeException(nameof(sizes), sizes.Experts,
                $"the number of experts must be in [1, {(long)layers * sizes.Input}]: their embeddings are orthogonal");

        // Whole experts are orthonormal, as in the code, not the single layers.
        _embedding = SeededLayers.OrthonormalRows(
            sizes.Experts, (long)layers * sizes.Input, Seeds.Of(seed, "alter-embedding", 0), device)
            .reshape(sizes.Experts, layers, sizes.Input).DetachFromDisposeScope();
        register_buffer("embedding", _embedding);
        _normIn = Register("norm_in", nn.LayerNorm(sizes.Input, device: device));
        _hidden = Register("hidden", SeededLayers.Linear(
            sizes.Input, sizes.ExpertHidden, true, Seeds.Of(seed, "alter-expert", 0), device));
        _normHidden = Register("norm_hidden", nn.LayerNorm(sizes.ExpertHidden, device: device));
        _head = Register("head", SeededLayers.Linear(
            sizes.ExpertHidden, 1, false, Seeds.Of(seed, "alter-expert", 1), device));
    }

    /// <summary>Gate logits [N_e, N_L], in the caller's scope.</summary>
    public Tensor Logits()
    {
        using var scope = NewDisposeScope();
        var hidden = _normHidden.call(_hidden.call(_normIn.call(_embedding))).relu();
        return _head.call(hidden).squeeze(-1).MoveToOuterDisposeScope(); // [N_e, N_L, 1] -> [N_e, N_L]
    }
}

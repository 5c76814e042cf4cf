using Mlops.Diffusion;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Pruning.Alter;

/// <summary>
/// ALTER's expert generator (arXiv 2505.21817, section 3.2 and appendix): a small network over a frozen orthogonal
/// table Z turns every (expert, layer) pair into the logit of its gate. The first layer norm is in the published code
/// and not in the paper's table; single rows of Z have norm about √(1/N_L), so that it matters.
/// </summary>
public sealed class ExpertGenerator : nn.Module
{
    private readonly Tensor _embedding;
    private readonly LayerNorm _normIn;
    private readonly Linear _hidden;
    private readonly LayerNorm _normHidden;
    private readonly Linear _head;

    /// <param name="layers">N_L: number of gateable layers.</param>
    /// <param name="sizes">Widths.</param>
    /// <param name="seed">Fixes Z and the initial weights.</param>
    public ExpertGenerator(int layers, AlterSizes sizes, long seed) : base(nameof(ExpertGenerator))
    {
        if (sizes.Experts < 1 || sizes.Experts > (long)layers * sizes.Input)
            throw new ArgumentOutOfRangeException(nameof(sizes), sizes.Experts,
                $"the number of experts must be in [1, {(long)layers * sizes.Input}]: their embeddings are orthogonal");

        _embedding = Orthogonal(sizes.Experts, layers, sizes.Input, Seeds.Of(seed, "alter-embedding", 0));
        _normIn = SeededLinear.Norm(sizes.Input);
        _hidden = SeededLinear.Create(sizes.Input, sizes.ExpertHidden, true, Seeds.Of(seed, "alter-expert", 0));
        _normHidden = SeededLinear.Norm(sizes.ExpertHidden);
        _head = SeededLinear.Create(sizes.ExpertHidden, 1, false, Seeds.Of(seed, "alter-expert", 1));
        register_buffer("embedding", _embedding);
        register_module("norm_in", _normIn);
        register_module("hidden", _hidden);
        register_module("norm_hidden", _normHidden);
        register_module("head", _head);
    }

    /// <summary>Gate logits [N_e, N_L], in the caller's scope.</summary>
    public Tensor Logits()
    {
        using var scope = NewDisposeScope();
        var hidden = _normHidden.forward(_hidden.forward(_normIn.forward(_embedding))).relu();
        return _head.forward(hidden).squeeze(-1).MoveToOuterDisposeScope(); // [N_e, N_L, 1] -> [N_e, N_L]
    }

    // Gram-Schmidt on one row per expert: whole experts are orthonormal, as in the code, not the single layers.
    private static Tensor Orthogonal(int experts, int layers, int width, ulong seed)
    {
        var length = layers * width;
        using var generator = new Generator(seed);
        using var drawn = randn([experts, length], generator: generator);
        var values = drawn.data<float>().ToArray();
        var rows = Enumerable.Range(0, experts)
            .Select(e => values.Skip(e * length).Take(length).Select(value => (double)value).ToArray()).ToArray();
        for (var e = 0; e < experts; e++)
        {
            for (var other = 0; other < e; other++)
                Subtract(rows[e], rows[other], Dot(rows[e], rows[other]));
            var norm = Math.Sqrt(Dot(rows[e], rows[e]));
            rows[e] = [.. rows[e].Select(value => value / norm)];
        }

        var flat = rows.SelectMany(row => row).Select(value => (float)value).ToArray();
        return tensor(flat, [experts, layers, width]).DetachFromDisposeScope();
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static void Subtract(double[] row, double[] direction, double amount)
    {
        for (var i = 0; i < row.Length; i++)
            row[i] -= amount * direction[i];
    }
}

using Mlops.Diffusion;
using Mlops.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.Pruning.Alter;

/// <summary>One draw of soft masks, all differentiable in the hypernetwork's weights.</summary>
/// <param name="Masks">m = s·M, [T, N_L], in [0, 1].</param>
/// <param name="Route">s, [T, N_e], rows sum to 1.</param>
/// <param name="Probabilities">Softmax of the routing logits without noise, [T, N_e].</param>
public sealed record MaskDraw(Tensor Masks, Tensor Route, Tensor Probabilities);

/// <summary>ALTER's hypernetwork: expert generator, temporal router, and the mask table they make.</summary>
public sealed class AlterNetwork : NamedModule
{
    private readonly Func<Tensor> _gates, _routing;

    /// <param name="layers">N_L: number of gateable layers.</param>
    /// <param name="timestepTable">Frozen embeddings of all native timesteps, [T, D]; copied. The network computes
    /// where they are.</param>
    public AlterNetwork(int layers, Tensor timestepTable, AlterSizes sizes, long seed) : base(nameof(AlterNetwork))
    {
        Sizes = sizes;
        Layers = layers;
        (Timesteps, Device) = ((int)timestepTable.shape[0], timestepTable.device);
        _gates = sizes.DirectGates
            ? Register("experts", new DirectGates(sizes.Experts, layers, Device)).Logits
            : Register("experts", new ExpertGenerator(layers, sizes, seed, Device)).Logits;
        if (sizes.Router == RouterKind.Affine)
            Intervals = Register("router", new AffineRouter(sizes.Experts, Timesteps, Device));
        _routing = Intervals is { } affine
            ? affine.Logits : Register("router", new TemporalRouter(timestepTable, sizes, seed)).Logits;
    }

    /// <summary>Widths, temperature, offset.</summary>
    public AlterSizes Sizes { get; }

    /// <summary>N_L: number of gateable layers.</summary>
    public int Layers { get; }

    /// <summary>T: number of native timesteps.</summary>
    public int Timesteps { get; }

    /// <summary>Where it computes.</summary>
    public Device Device { get; }

    /// <summary>The router, where it gives every expert one interval.</summary>
    internal AffineRouter? Intervals { get; }

    /// <summary>Gate logits [N_e, N_L], without the offset.</summary>
    public Tensor ExpertLogits() => _gates();

    /// <summary>Routing logits [T, N_e].</summary>
    public Tensor RouterLogits() => _routing();

    /// <summary>
    /// Soft masks of one noisy draw, as the code trains with; with <paramref name="straightThrough"/> their values are
    /// rounded to hard ones and only the gradient is soft, as one of the paper's two descriptions has it.
    /// </summary>
    /// <param name="tau">Temperature; null: that of the sizes.</param>
    public MaskDraw Soft(Generator generator, bool straightThrough = false, double? tau = null)
    {
        using var scope = NewDisposeScope();
        var routing = RouterLogits();
        var experts = Gumbel.Gate(ExpertLogits(), GateNoise(generator), Sizes.Offset, tau ?? Sizes.Tau);
        var route = Gumbel.Choice(
            routing, Gumbel.Noise([Timesteps, Sizes.Experts], generator, Device), tau ?? Sizes.Tau);
        if (straightThrough)
        {
            experts = Gumbel.StraightThrough(experts.ge(0.5).to_type(ScalarType.Float32), experts);
            route = Gumbel.StraightThrough(OneHot(route), route);
        }

        // [T, N_e] x [N_e, N_L] -> [T, N_L]
        return new MaskDraw(
            route.matmul(experts).MoveToOuterDisposeScope(), route.MoveToOuterDisposeScope(),
            routing.softmax(-1).MoveToOuterDisposeScope());
    }

    /// <summary>
    /// Hard masks. Without a generator by the median rule and the likeliest expert, which repeats; with one by a noisy
    /// draw, as the published code does even in evaluation mode.
    /// </summary>
    public HardTable Hard(Generator? generator = null)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var gates = ExpertLogits() + Sizes.Offset;
        var routing = RouterLogits();
        if (generator is null)
            return HardTable.Threshold(
                gates.Values(), routing.Values(), Sizes.Experts, Sizes.Median);

        gates = gates + GateNoise(generator);
        routing = routing + Gumbel.Noise([Timesteps, Sizes.Experts], generator, Device);
        return HardTable.Threshold(gates.Values(), routing.Values(), Sizes.Experts, 0);
    }

    private Tensor GateNoise(Generator generator) =>
        Gumbel.GateNoise([Sizes.Experts, Layers], generator, Device, Sizes.LogisticNoise);

    /// <summary>One-hot rows [T, N_e] of the largest entry of each row, without gradient.</summary>
    internal static Tensor OneHot(Tensor route)
    {
        using var scope = NewDisposeScope();
        var hard = zeros_like(route.detach());
        return hard.scatter_(1, route.argmax(1, true), ones_like(hard)).MoveToOuterDisposeScope();
    }
}

using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using static TorchSharp.torch;

namespace Mlops.Pruning.Plans;

/// <summary>
/// A network and a routing table: each sample takes the variant of its native timestep, and a skipped layer is not
/// called. Of a DiT's layers that a variant narrows only its channels take part: they are gathered layer by layer while
/// the layer runs, so that any number of variants needs no copy of a weight. A variant may run on a pack of weights.
/// </summary>
public sealed class RoutedDenoiser : Denoiser
{
    private readonly bool[][] _masks;
    private readonly LayerRouting _routing;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<long>>[] _kept;
    private readonly WeightPacks? _packs;

    /// <param name="inner">The dense network, or one sliced as the plan says; owned from here on.</param>
    /// <param name="row">From network time to the table's row; null: network times are native timesteps.</param>
    /// <param name="packs">Of the plan's variants; the caller's.</param>
    /// <exception cref="InvalidDataException">The plan names a layer or a pack that there is not.</exception>
    public RoutedDenoiser(
        Denoiser inner, PruningPlan plan, Func<double, long>? row = null, WeightPacks? packs = null)
        : base(nameof(RoutedDenoiser), inner.Config)
    {
        (Inner, Plan, _packs) = (inner, plan, packs);
        if (plan.Packs.FirstOrDefault(pack => packs?.Has(pack) is not true) is { } missing)
            throw new InvalidDataException(
                $"the pruning plan runs on the weights '{missing}', which are not beside it; make the plan again");
        if (plan.RoutesChannels && inner is not DiTTransformer2DModel)
            throw new InvalidDataException(
                $"the pruning plan keeps other channels at other timesteps, which a DiT can and a "
                + $"{inner.Config.ClassName} cannot; use one set of channels, or leave out layers");
        _kept = [.. plan.Variants.Select(variant => SlicedVariant.Left(inner, variant))];
        _masks = [.. Enumerable.Range(0, plan.Variants.Count).Select(variant => plan.RunMask(variant, inner.Layers))];
        _routing = new LayerRouting(_masks, plan.VariantsAt, row) { Keep = Indices };
        Register("inner", inner);
    }

    /// <summary>The network that runs.</summary>
    public Denoiser Inner { get; }

    /// <summary>The routing table.</summary>
    public PruningPlan Plan { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<LayerInfo> Layers => Inner.Layers;

    /// <inheritdoc/>
    public override (long Channels, long Height, long Width) SampleShape => Inner.SampleShape;

    /// <inheritdoc/>
    public override int Classes => Inner.Classes;

    /// <inheritdoc/>
    public override long? NullLabel => Inner.NullLabel;

    /// <summary>One variant alone, whatever the timestep.</summary>
    public Prediction Only(int variant) => (sample, timestep, labels) =>
    {
        using var scope = NewDisposeScope();
        return NetworkOf(variant).Predict(
            sample, timestep, labels, new LayerControl { Run = _masks[variant], Keep = Indices(variant) })
            .MoveToOuterDisposeScope();
    };

    /// <summary>The network with the weights that a variant runs on; valid until another variant is asked for.
    /// </summary>
    public Denoiser NetworkOf(int variant) =>
        Plan.Variants[variant].Pack is { } pack ? _packs!.Network(Inner, pack) : Inner;

    /// <inheritdoc/>
    public override bool Runs(LayerInfo layer, double time) =>
        _routing.Runs(layer.Index, time) && Inner.Runs(layer, time);

    /// <inheritdoc/>
    /// <remarks>The table decides which layers run; <paramref name="control"/> may only observe them and stand in for
    /// those that do.</remarks>
    protected override Tensor Forward(Tensor sample, Tensor timestep, Tensor? labels, LayerControl? control) =>
        control is { Run: not null } or { Gates: not null } or { Keep: not null }
            ? throw new ArgumentException(
                "a routed model chooses its layers itself; call the inner model", nameof(control))
            : _routing.Predict(variant => NetworkOf(variant).Predict, sample, timestep, labels, control);

    /// <inheritdoc/>
    protected override void NumberLayers() =>
        throw new InvalidOperationException("layers are left out of the inner network");

    // One transfer to the device for all groups; in the caller's dispose scope.
    private Dictionary<string, Tensor>? Indices(int variant)
    {
        var kept = _kept[variant];
        if (kept.Count == 0)
            return null;
        var all = tensor([.. kept.Values.SelectMany(channels => channels)], int64, Inner.Device);
        var (start, indices) = (0L, new Dictionary<string, Tensor>(kept.Count));
        foreach (var (root, channels) in kept)
        {
            indices[root] = all.narrow(0, start, channels.Count);
            start += channels.Count;
        }

        return indices;
    }
}

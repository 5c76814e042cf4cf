using Mlops.Diffusion;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using static TorchSharp.torch;

namespace Mlops.Pruning.Plans;

/// <summary>
/// One weight set and a routing table: each sample takes the variant of its native timestep, and a skipped layer is not
/// called. Of a DiT's layers that a variant narrows only its channels take part: they are gathered layer by layer while
/// the layer runs, so that any number of variants needs no copy of a weight. A batch of mixed timesteps is split by
/// variant and put together again.
/// </summary>
public sealed class RoutedDenoiser : Denoiser
{
    private readonly bool[][] _masks;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<long>>[] _kept;
    private readonly Func<double, long> _row;

    /// <param name="inner">The dense network, or one sliced as the plan says; owned from here on.</param>
    /// <param name="row">From network time to the table's row; null: network times are native timesteps.</param>
    /// <exception cref="InvalidDataException">The plan names a layer that the network does not have.</exception>
    public RoutedDenoiser(Denoiser inner, PruningPlan plan, Func<double, long>? row = null)
        : base(nameof(RoutedDenoiser), inner.Config)
    {
        (Inner, Plan) = (inner, plan);
        if (plan.RoutesChannels && inner is not DiTTransformer2DModel)
            throw new InvalidDataException(
                $"the pruning plan keeps other channels at other timesteps, which a DiT can and a "
                + $"{inner.Config.ClassName} cannot; use one set of channels, or leave out layers");
        _kept = [.. plan.Variants.Select(variant => SlicedVariant.Left(inner, variant))];
        _masks = [.. Enumerable.Range(0, plan.Variants.Count).Select(variant => plan.RunMask(variant, inner.Layers))];
        _row = row ?? (time => (long)Math.Round(time));
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
        return Inner.Predict(sample, timestep, labels, For(variant, null)).MoveToOuterDisposeScope();
    };

    /// <summary>The row of the table for a network time, kept inside the table.</summary>
    public int RowOf(double time) => (int)Math.Clamp(_row(time), 0, Plan.Timesteps - 1);

    /// <inheritdoc/>
    /// <remarks>The table decides which layers run; <paramref name="control"/> may only observe them.</remarks>
    public override Tensor Predict(Tensor sample, Tensor timestep, Tensor? labels = null, LayerControl? control = null)
    {
        if (control is { Run: not null } or { Gates: not null } or { Keep: not null })
            throw new ArgumentException(
                "a routed model chooses its layers itself; call the inner model", nameof(control));

        using var scope = NewDisposeScope();
        var times = timestep.Doubles();
        var variants = Array.ConvertAll(times, time => Plan.VariantAt(RowOf(time)));
        var distinct = variants.Distinct().ToArray();
        return distinct.Length == 1
            ? Inner.Predict(sample, timestep, labels, For(distinct[0], control)).MoveToOuterDisposeScope()
            : Split(sample, timestep, labels, control, variants, distinct).MoveToOuterDisposeScope();
    }

    private Tensor Split(
        Tensor sample, Tensor timestep, Tensor? labels, LayerControl? control, int[] variants, int[] distinct)
    {
        if (control?.Features is not null)
            throw new ArgumentException("features of a batch that mixes variants cannot be collected", nameof(control));

        var order = new List<long>();
        var parts = new List<Tensor>();
        foreach (var variant in distinct)
        {
            var members = Enumerable.Range(0, variants.Length).Where(i => variants[i] == variant)
                .Select(i => (long)i).ToArray();
            var index = tensor(members, device: sample.device);
            parts.Add(Inner.Predict(sample.index_select(0, index), timestep.index_select(0, index),
                labels?.index_select(0, index), For(variant, control)));
            order.AddRange(members);
        }

        var back = Enumerable.Range(0, order.Count).OrderBy(i => order[i]).Select(i => (long)i).ToArray();
        return cat(parts, 0).index_select(0, tensor(back, device: sample.device));
    }

    // The indices are in the caller's dispose scope.
    private LayerControl For(int variant, LayerControl? control) => new()
    {
        Run = _masks[variant],
        Keep = _kept[variant].Count == 0 ? null : Indices(_kept[variant]),
        Observe = control?.Observe,
        Features = control?.Features,
    };

    // One transfer to the device for all groups.
    private Dictionary<string, Tensor> Indices(IReadOnlyDictionary<string, IReadOnlyList<long>> kept)
    {
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

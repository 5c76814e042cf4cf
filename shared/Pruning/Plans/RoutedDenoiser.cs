using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using static TorchSharp.torch;

namespace Mlops.Pruning.Plans;

/// <summary>
/// One weight set and a routing table: each sample takes the variant of its native timestep, and a skipped layer is not
/// called.
/// </summary>
public sealed class RoutedDenoiser : Denoiser
{
    private readonly bool[][] _masks;
    private readonly LayerRouting _routing;

    /// <param name="inner">The dense network, or one sliced as the plan says; owned from here on.</param>
    /// <param name="row">From network time to the table's row; null: network times are native timesteps.</param>
    /// <exception cref="InvalidDataException">The plan names a layer that the network does not have.</exception>
    public RoutedDenoiser(Denoiser inner, PruningPlan plan, Func<double, long>? row = null)
        : base(nameof(RoutedDenoiser), inner.Config)
    {
        (Inner, Plan) = (inner, plan);
        _masks = [.. Enumerable.Range(0, plan.Variants.Count).Select(variant => plan.RunMask(variant, inner.Layers))];
        _routing = new LayerRouting(_masks, plan.VariantsAt, row);
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
    public Prediction Only(int variant) =>
        (sample, timestep, labels) =>
            Inner.Predict(sample, timestep, labels, new LayerControl { Run = _masks[variant] });

    /// <summary>The row of the table for a network time, kept inside the table.</summary>
    public int RowOf(double time) => _routing.RowOf(time);

    /// <inheritdoc/>
    public override bool Runs(LayerInfo layer, double time) =>
        _routing.Runs(layer.Index, time) && Inner.Runs(layer, time);

    /// <inheritdoc/>
    /// <remarks>The table decides which layers run; <paramref name="control"/> may only observe them and stand in for
    /// those that do.</remarks>
    protected override Tensor Forward(Tensor sample, Tensor timestep, Tensor? labels, LayerControl? control) =>
        control is { Run: not null } or { Gates: not null }
            ? throw new ArgumentException(
                "a routed model chooses its layers itself; call the inner model", nameof(control))
            : _routing.Predict(Inner.Predict, sample, timestep, labels, control);

    /// <inheritdoc/>
    protected override void NumberLayers() =>
        throw new InvalidOperationException("layers are left out of the inner network");
}

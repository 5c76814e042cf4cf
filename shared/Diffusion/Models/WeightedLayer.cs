using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// A layer with a weight and perhaps a bias, both replaceable: pruning cuts channels by putting smaller parameters in
/// their place. Widths are read from the weights at run time and never remembered.
/// </summary>
public abstract class WeightedLayer : nn.Module
{
    private readonly long[] _weightShape;
    private readonly long[]? _biasShape;

    private protected WeightedLayer(
        string kind, WeightSource source, string name, long[] weightShape, Start weightStart, long[]? biasShape,
        Start biasStart)
        : base(kind)
    {
        (_weightShape, _biasShape) = (weightShape, biasShape);
        if (source.Take(name + ".weight", weightShape, weightStart) is { } weight)
            register_parameter("weight", weight);
        if (biasShape is not null && source.Take(name + ".bias", biasShape, biasStart) is { } bias)
            register_parameter("bias", bias);
    }

    /// <summary>The weight. Setting it disposes of the old one.</summary>
    public Parameter Weight
    {
        get => get_parameter("weight");
        set => Replace("weight", value);
    }

    /// <summary>The bias; null for layers without one. Setting it disposes of the old one.</summary>
    public Parameter? Bias
    {
        get => _biasShape is null ? null : get_parameter("bias");
        set => Replace("bias", value ?? throw new ArgumentNullException(nameof(value)));
    }

    /// <summary>Whether weights are there: outlines have none, nor have layers that an exported plan never
    /// runs.</summary>
    public bool HasWeights => has_parameter("weight");

    /// <summary>Shape of the weight as it is now, or as configured in an outline without weights.</summary>
    public IReadOnlyList<long> WeightShape => HasWeights ? Weight.shape : _weightShape;

    /// <summary>Shape of the bias; null for layers without one.</summary>
    public IReadOnlyList<long>? BiasShape => has_parameter("bias") ? Bias!.shape : _biasShape;

    private void Replace(string name, Parameter value)
    {
        if (!has_parameter(name))
            throw new InvalidOperationException($"this {GetName()} has no {name} to replace");
        var old = get_parameter(name);
        if (ReferenceEquals(old, value))
            return;
        value.DetachFromDisposeScope();
        ConditionallyRegisterParameter(name, value);
        old.Dispose();
    }
}

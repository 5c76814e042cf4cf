using Mlops.Diffusion.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>Where a network under construction takes its parameters from.</summary>
internal abstract class WeightSource
{
    /// <summary>One parameter; null in an outline, which has shapes only.</summary>
    /// <param name="name">Full name as in the weight file, current style.</param>
    /// <param name="shape">Shape that the configuration asks for.</param>
    /// <param name="start">How a fresh network begins.</param>
    public abstract Parameter? Take(string name, long[] shape, Start start);
}

/// <summary>How a fresh parameter begins.</summary>
/// <param name="Kind">The distribution.</param>
/// <param name="Scale">Bound of the uniform, deviation of the normal one.</param>
internal readonly record struct Start(StartKind Kind, double Scale = 0)
{
    public static Start Zeros => new(StartKind.Zeros);

    public static Start Ones => new(StartKind.Ones);

    public static Start Normal(double deviation) => new(StartKind.Normal, deviation);

    /// <summary>torch's default for convolutions and linear layers, weight and bias: U(−1/√fan_in,
    /// 1/√fan_in).</summary>
    public static Start FanIn(long fanIn) => new(StartKind.Uniform, 1 / Math.Sqrt(fanIn));

    /// <summary>Xavier's uniform, which DiT uses for its linear layers.</summary>
    public static Start Xavier(long fanIn, long fanOut) => new(StartKind.Uniform, Math.Sqrt(6.0 / (fanIn + fanOut)));
}

/// <summary>Distributions of fresh parameters.</summary>
internal enum StartKind
{
    Zeros,
    Ones,
    Uniform,
    Normal,
}

/// <summary>Shapes only: for counting and for comparing with files, without a byte of weights.</summary>
internal sealed class OutlineWeights : WeightSource
{
    public override Parameter? Take(string name, long[] shape, Start start) => null;
}

/// <summary>Fresh parameters from one seeded generator, drawn in construction order.</summary>
internal sealed class FreshWeights(ulong seed) : WeightSource, IDisposable
{
    private readonly Generator _generator = new(seed);

    public override Parameter? Take(string name, long[] shape, Start start)
    {
        var values = start.Kind switch
        {
            StartKind.Zeros => zeros(shape),
            StartKind.Ones => ones(shape),
            StartKind.Uniform => empty(shape).uniform_(-start.Scale, start.Scale, _generator),
            _ => empty(shape).normal_(0, start.Scale, _generator),
        };
        return Own.Parameter(values);
    }

    public void Dispose() => _generator.Dispose();
}

/// <summary>Parameters of another network of the same configuration, copied.</summary>
internal sealed class CopiedWeights(IReadOnlyDictionary<string, Parameter> source) : WeightSource
{
    public override Parameter? Take(string name, long[] shape, Start start) =>
        source.GetValueOrDefault(name) is { } parameter ? Own.Parameter(parameter.detach().clone()) : null;
}

/// <summary>
/// Parameters from a file whose names and shapes were checked before; those of layers that never run may be absent.
/// </summary>
/// <param name="tensors">The file.</param>
/// <param name="stored">Current name to the name in the file.</param>
internal sealed class FileWeights(StoredTensors tensors, IReadOnlyDictionary<string, string> stored) : WeightSource
{
    public override Parameter? Take(string name, long[] shape, Start start)
    {
        if (!stored.TryGetValue(name, out var storedName))
            return null;
        using var scope = NewDisposeScope();
        var tensor = tensors.ReadFinite(storedName);
        return Own.Parameter(scope.MoveToOuter(tensor.to_type(ScalarType.Float32)));
    }
}

/// <summary>Parameters live as long as their module, not as long as a scope.</summary>
internal static class Own
{
    public static Parameter Parameter(Tensor values)
    {
        var parameter = new Parameter(values);
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}

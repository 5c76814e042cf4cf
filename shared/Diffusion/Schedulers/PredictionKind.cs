using static TorchSharp.torch;

namespace Mlops.Diffusion.Schedulers;

/// <summary>What the network's output means.</summary>
public enum PredictionKind
{
    /// <summary>The noise ε.</summary>
    Epsilon,

    /// <summary>v = √ᾱ·ε − √(1−ᾱ)·x_0 (Salimans &amp; Ho 2022).</summary>
    Velocity,

    /// <summary>The clean sample x_0.</summary>
    Sample,

    /// <summary>dx/ds = ε − x_0 of the straight path x_s = (1−s)·x_0 + s·ε.</summary>
    Flow,
}

/// <summary>Turns one kind of prediction into another, given x = α·x_0 + σ·ε.</summary>
public static class Predictions
{
    /// <summary>Reads <c>prediction_type</c>.</summary>
    public static PredictionKind Read(SchedulerOptions options) =>
        options.Choice("prediction_type", "epsilon", "epsilon", "v_prediction", "sample", "flow_prediction") switch
        {
            "epsilon" => PredictionKind.Epsilon,
            "v_prediction" => PredictionKind.Velocity,
            "sample" => PredictionKind.Sample,
            _ => PredictionKind.Flow,
        };

    /// <summary>x_0 for a state x; the result belongs to the caller's dispose scope.</summary>
    public static Tensor Clean(
        this PredictionKind kind, Tensor output, Tensor x, double alpha, double sigma) => kind switch
    {
        PredictionKind.Epsilon => (x - (output * sigma)) / alpha,
        PredictionKind.Velocity => (x * alpha) - (output * sigma),
        PredictionKind.Sample => output.alias(),
        _ => x - (output * sigma),
    };

    /// <summary>ε for a state x; the result belongs to the caller's dispose scope.</summary>
    public static Tensor Noise(
        this PredictionKind kind, Tensor output, Tensor x, double alpha, double sigma) => kind switch
    {
        PredictionKind.Epsilon => output.alias(),
        PredictionKind.Velocity => (output * alpha) + (x * sigma),
        PredictionKind.Sample => (x - (output * alpha)) / sigma,
        _ => x + (output * alpha),
    };

    /// <summary>The output that a network of another kind would give at the same input; belongs to the caller's dispose
    /// scope. Where both kinds are the same nothing is computed.</summary>
    public static Tensor Convert(
        this PredictionKind from, PredictionKind to, Tensor output, Tensor x, NoiseLevel level)
    {
        if (from == to)
            return output.alias();
        using var scope = NewDisposeScope();
        var (alpha, sigma) = level;
        return (to switch
        {
            PredictionKind.Sample => from.Clean(output, x, alpha, sigma),
            PredictionKind.Epsilon => from.Noise(output, x, alpha, sigma),
            PredictionKind.Velocity =>
                (from.Noise(output, x, alpha, sigma) * alpha) - (from.Clean(output, x, alpha, sigma) * sigma),
            _ => from.Noise(output, x, alpha, sigma) - from.Clean(output, x, alpha, sigma),
        }).MoveToOuterDisposeScope();
    }
}

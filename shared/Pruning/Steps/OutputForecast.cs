using Mlops.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>The forecast of a network's output from its last ones, a Taylor expansion with backward differences in the
/// step index: that ratio beat log-SNR and σ.</summary>
public static class OutputForecast
{
    /// <summary>The kind of prediction that a forecast carries on, for a network of the given kind.</summary>
    public static PredictionKind Quantity(ForecastKind kind, PredictionKind network) => kind switch
    {
        ForecastKind.Velocity when network == PredictionKind.Flow => PredictionKind.Flow,
        ForecastKind.Velocity => PredictionKind.Velocity,
        ForecastKind.Noise => PredictionKind.Epsilon,
        _ => PredictionKind.Sample,
    };

    /// <summary>The kind that a network's own output is; where it is carried on, nothing is converted.</summary>
    public static ForecastKind Native(PredictionKind network) => network switch
    {
        PredictionKind.Epsilon => ForecastKind.Noise,
        PredictionKind.Sample => ForecastKind.Clean,
        _ => ForecastKind.Velocity,
    };

    /// <summary>The output at a step where the network does not run; belongs to the caller's dispose scope.</summary>
    /// <param name="forecast">Kind, β and γ.</param>
    /// <param name="network">What the network predicts.</param>
    /// <param name="runs">Outputs of the last steps that ran, the newest, a, at the end; at least one.</param>
    /// <param name="step">s.</param>
    /// <param name="input">The network's input at s.</param>
    /// <param name="level">Its α and σ.</param>
    public static Tensor Output(
        StepAction.Forecast forecast, PredictionKind network, IReadOnlyList<OutputSnapshot> runs, int step,
        Tensor input, NoiseLevel level)
    {
        using var scope = NewDisposeScope();
        var quantity = Quantity(forecast.Kind, network);
        var last = runs[^1];
        var q = last.As(quantity, network);
        if (runs.Count > 1 && (forecast.Beta, forecast.Gamma) is not (0, 0))
            q = q + Change(forecast, runs, q, step, run => run.As(quantity, network));
        var output = quantity.Convert(network, q, input, level);
        var (all, channels) = (last.Output.shape[1], input.shape[1]);
        // A learned variance changes slowly and is no part of the ODE: it is kept.
        return (all == channels ? output : cat([output, last.Output.narrow(1, channels, all - channels)], 1))
            .MoveToOuterDisposeScope();
    }

    private static Tensor Change(
        StepAction.Forecast forecast, IReadOnlyList<OutputSnapshot> runs, Tensor q, int step,
        Func<OutputSnapshot, Tensor> quantity)
    {
        var (last, before, ahead) = (runs[^1].Step, runs[^2].Step, (double)(step - runs[^1].Step));
        var earlier = quantity(runs[^2]);
        var change = (q - earlier) * (forecast.Beta * ahead / (last - before));
        if (forecast.Gamma == 0 || runs.Count < 3)
            return change;
        var slopes = ((q - earlier) / (last - before)) - ((earlier - quantity(runs[^3])) / (before - runs[^3].Step));
        return change + (slopes * (forecast.Gamma * ahead * ahead / 2 / (last - before)));
    }
}

using Mlops.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>The forecast of a network's output from its last two, first order in the step index: that ratio beat
/// log-SNR and σ.</summary>
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
    /// <param name="forecast">Kind and β.</param>
    /// <param name="network">What the network predicts.</param>
    /// <param name="last">Output of the last step a that ran.</param>
    /// <param name="before">Output of the one before, a′; null where there is none yet.</param>
    /// <param name="step">s.</param>
    /// <param name="input">The network's input at s.</param>
    /// <param name="level">Its α and σ.</param>
    public static Tensor Output(
        StepAction.Forecast forecast, PredictionKind network, OutputSnapshot last, OutputSnapshot? before, int step,
        Tensor input, NoiseLevel level)
    {
        using var scope = NewDisposeScope();
        var quantity = Quantity(forecast.Kind, network);
        var q = last.As(quantity, network);
        if (before is not null && forecast.Beta != 0)
            q = q + ((q - before.As(quantity, network)) * (forecast.Beta * Ratio(step, last.Step, before.Step)));
        var output = quantity.Convert(network, q, input, level);
        var (all, channels) = (last.Output.shape[1], input.shape[1]);
        // A learned variance changes slowly and is no part of the ODE: it is kept.
        return (all == channels ? output : cat([output, last.Output.narrow(1, channels, all - channels)], 1))
            .MoveToOuterDisposeScope();
    }

    /// <summary>(s − a)/(a − a′).</summary>
    public static double Ratio(int step, int last, int before) => (step - last) / (double)(last - before);
}

using Mlops.Diffusion;
using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>Runs where the output has changed enough since the last run, else reuses it: TeaCache (Liu et al. 2024) at
/// the network's output and made static, with changes measured on dense runs of some probes.</summary>
public static class ThresholdSteps
{
    // Halvings of the threshold's range; more than a double has digits.
    private const int Halvings = 60;
    private const double Tiny = 1e-20;

    /// <summary>The table with at most so many runs, as many as a threshold gives.</summary>
    /// <param name="dense">Dense run of the probes.</param>
    /// <param name="runs">Upper bound.</param>
    public static IReadOnlyList<StepAction> Create(Trajectory dense, int runs)
    {
        var changes = Changes(dense);
        var (low, high) = (0.0, changes.Sum() + 1);
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (low + high) / 2;
            if (RunsAt(changes, middle).Count(runs => runs) <= runs)
                high = middle;
            else
                low = middle;
        }

        var reuse = new StepAction.Forecast(OutputForecast.Native(dense.Scheduler.Prediction), 0);
        return [.. RunsAt(changes, high).Select(run => run ? new StepAction.Run() : (StepAction)reuse)];
    }

    // Relative L1 change of the output from the step before; the first has none. A network that was never trained may
    // answer zero, which does not change.
    private static double[] Changes(Trajectory dense)
    {
        using var scope = NewDisposeScope();
        return [0, .. dense.Outputs.Zip(dense.Outputs.Skip(1), (before, now) =>
            ((now - before).abs().mean() / before.abs().mean().clamp_min(Tiny)).Doubles()[0])];
    }

    private static bool[] RunsAt(double[] changes, double threshold)
    {
        var runs = new bool[changes.Length];
        var since = double.PositiveInfinity;
        for (var step = 0; step < changes.Length; step++)
        {
            since += changes[step];
            runs[step] = since >= threshold;
            if (runs[step])
                since = 0;
        }

        return runs;
    }
}

namespace Mlops.Diffusion.Schedulers;

/// <summary>Maps the continuous time s ∈ [0, 1] of flow matching to rows of a routing table.</summary>
public static class FlowTime
{
    /// <summary>From network time to the row of a routing table: flow models count it from 0 to T in fractions; for all
    /// others it is the native timestep, and this null.</summary>
    /// <param name="rows">T.</param>
    public static Func<double, long>? RowsOf(NoiseScheduler scheduler, int rows) =>
        scheduler.Prediction == PredictionKind.Flow ? time => Native(time / rows, rows) : null;

    /// <summary>Row k holds s ∈ (k/T, (k+1)/T], so that s = 1 is the last and s = 0 the first row.</summary>
    public static long Native(double s, int trainTimesteps) =>
        Math.Clamp((long)Math.Ceiling(Math.Round(s * trainTimesteps, 3)) - 1, 0, trainTimesteps - 1);
}

namespace Mlops.Diffusion.Schedulers;

/// <summary>Maps the continuous time s ∈ [0, 1] of flow matching to rows of a routing table.</summary>
public static class FlowTime
{
    /// <summary>Row k holds s ∈ (k/T, (k+1)/T], so that s = 1 is the last and s = 0 the first row.</summary>
    public static long Native(double s, int trainTimesteps) =>
        Math.Clamp((long)Math.Ceiling(Math.Round(s * trainTimesteps, 3)) - 1, 0, trainTimesteps - 1);
}

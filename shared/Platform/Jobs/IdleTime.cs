namespace Mlops.Platform.Jobs;

/// <summary>How long a process had neither a job nor anything to compute, as candidates of others are.</summary>
public sealed class IdleTime(JobRunner jobs, ComputeSlot compute, TimeProvider time)
{
    private long _since = time.GetTimestamp(), _seen = compute.Begun;

    /// <summary>The time up to now; work that came and went between two looks interrupts it too.</summary>
    public TimeSpan Look()
    {
        var begun = compute.Begun;
        if (jobs.IsBusy || compute.IsBusy || begun != _seen)
            (_since, _seen) = (time.GetTimestamp(), begun);
        return time.GetElapsedTime(_since);
    }
}

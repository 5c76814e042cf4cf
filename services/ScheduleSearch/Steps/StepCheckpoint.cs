using Mlops.Platform.Jobs;

namespace Mlops.ScheduleSearch.Steps;

/// <summary>What a killed search for a step table goes on from.</summary>
internal static class StepCheckpoint
{
    private const string FileName = "step_state.json";

    /// <summary>Stores the state in place of the last one.</summary>
    public static Task SaveAsync(JobContext job, string state, CancellationToken cancellationToken) =>
        job.Checkpoints.SaveAsync(
            folder => File.WriteAllText(Path.Combine(folder, FileName), state), cancellationToken);

    /// <summary>The last state of this job; null if there is none.</summary>
    public static async Task<string?> LatestAsync(JobContext job, CancellationToken cancellationToken) =>
        await job.Checkpoints.LatestAsync(cancellationToken) is { } folder
            ? await File.ReadAllTextAsync(Path.Combine(folder, FileName), cancellationToken)
            : null;
}

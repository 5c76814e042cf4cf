using Mlops.Platform.Jobs;
using Mlops.Pruning.Steps;

namespace Mlops.ScheduleSearch.Steps;

/// <summary>What a killed search for a step table goes on from.</summary>
internal static class StepCheckpoint
{
    private const string FileName = "step_state.json";

    /// <summary>Stores the state in place of the last one.</summary>
    public static Task SaveAsync(JobContext job, StepSearchState state, CancellationToken cancellationToken) =>
        job.Checkpoints.SaveAsync(
            folder => File.WriteAllText(Path.Combine(folder, FileName), state.ToJson()), cancellationToken);

    /// <summary>The last state of this job; null if there is none.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static async Task<StepSearchState?> LatestAsync(JobContext job, CancellationToken cancellationToken) =>
        await job.Checkpoints.LatestAsync(cancellationToken) is { } folder
            ? StepSearchState.FromJson(await File.ReadAllTextAsync(Path.Combine(folder, FileName), cancellationToken))
            : null;
}

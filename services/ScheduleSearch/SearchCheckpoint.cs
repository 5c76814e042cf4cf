using System.Text.Json;
using Mlops.Contracts;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Search;

namespace Mlops.ScheduleSearch;

/// <summary>All that a killed search needs to go on: the shared
/// probe and the state with its archive of scores.</summary>
/// <param name="Probe">The probe that every archived score belongs to.</param>
public sealed record SearchCheckpoint(ObjectRef Probe, string State)
{
    private const string FileName = "search.json";

    /// <summary>Stores the checkpoint in place of the last one.</summary>
    public static Task SaveAsync(
        JobContext job, ObjectRef probe, SearchState state, CancellationToken cancellationToken)
    {
        var text = JsonSerializer.Serialize(new SearchCheckpoint(probe, state.ToJson()));
        return job.Checkpoints.SaveAsync(
            folder => File.WriteAllText(Path.Combine(folder, FileName), text), cancellationToken);
    }

    /// <summary>The last checkpoint of this job; null if there is none, or if its probe is lost or damaged.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static async Task<(ObjectRef Probe, SearchState State)?> LatestAsync(
        JobContext job, CancellationToken cancellationToken)
    {
        if (await job.Checkpoints.LatestAsync(cancellationToken) is not { } folder)
            return null;
        var text = await File.ReadAllTextAsync(Path.Combine(folder, FileName), cancellationToken);
        var checkpoint = JsonSerializer.Deserialize<SearchCheckpoint>(text)
            ?? throw new InvalidDataException("the search's checkpoint is empty; delete it to search anew");
        return await job.Artifacts.IsIntactAsync(checkpoint.Probe, cancellationToken)
            ? (checkpoint.Probe, SearchState.FromJson(checkpoint.State))
            : null;
    }
}

using System.Text.Json.Nodes;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Steps;

namespace Mlops.ScheduleSearch.Steps;

/// <summary>The measured gaps of a network under a sampler, which searches for tables of any budget have in common.
/// </summary>
internal sealed class CommonGaps
{
    private const string Protocol = "step-gaps/1", FileName = "gaps.json";

    // What only the choice among gaps looks at.
    private static readonly string[] OfTheChoice = ["total-macs", "aim", "check-probes"];

    private readonly CheckpointStore _store;

    public CommonGaps(JobContext job)
    {
        var settings = JsonNode.Parse(job.Order.Settings)!.AsObject();
        foreach (var option in OfTheChoice)
            settings.Remove(option);
        _store = job.CommonPart(Protocol, typeof(CommonGaps).Assembly, [.. job.Order.Inputs.Keys], settings);
    }

    /// <summary>What another search has measured; null if none has.</summary>
    public async Task<Gaps?> FindAsync(CancellationToken cancellationToken) =>
        await _store.LatestAsync(cancellationToken) is { } folder
            ? Gaps.FromJson(await File.ReadAllTextAsync(Path.Combine(folder, FileName), cancellationToken))
            : null;

    /// <summary>Keeps what this one measured.</summary>
    public Task SaveAsync(Gaps gaps, CancellationToken cancellationToken) => _store.SaveAsync(
        folder => File.WriteAllText(Path.Combine(folder, FileName), gaps.ToJson()), cancellationToken);
}

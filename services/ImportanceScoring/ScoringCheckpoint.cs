using System.Text.Json;
using Mlops.Platform.Jobs;

namespace Mlops.ImportanceScoring;

/// <summary>What a scoring job that was stopped goes on from: one JSON file per criterion.</summary>
internal sealed class ScoringCheckpoint
{
    private readonly JobContext _job;
    private readonly Dictionary<string, string> _parts;

    private ScoringCheckpoint(JobContext job, Dictionary<string, string> parts) => (_job, _parts) = (job, parts);

    /// <summary>The latest of a job, or an empty one.</summary>
    public static async Task<ScoringCheckpoint> LoadAsync(JobContext job, CancellationToken cancellationToken)
    {
        var parts = new Dictionary<string, string>();
        if (await job.Checkpoints.LatestAsync(cancellationToken) is { } folder)
            foreach (var file in Directory.EnumerateFiles(folder, "*.json"))
                parts[Path.GetFileName(file)] = await File.ReadAllTextAsync(file, cancellationToken);
        return new(job, parts);
    }

    /// <summary>What was saved under a name; null if nothing was.</summary>
    public TPart? Find<TPart>(string name)
        where TPart : class => _parts.TryGetValue(name, out var text) ? JsonSerializer.Deserialize<TPart>(text) : null;

    /// <summary>Saves a part beside the others. Not under the job's token: a cancelled job must keep what it has.
    /// </summary>
    public Task SaveAsync<TPart>(string name, TPart part)
    {
        _parts[name] = JsonSerializer.Serialize(part);
        return _job.Checkpoints.SaveAsync(
            folder =>
            {
                foreach (var (file, text) in _parts)
                    File.WriteAllText(Path.Combine(folder, file), text);
            },
            CancellationToken.None);
    }
}

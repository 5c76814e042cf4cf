using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Diffusion.Devices;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Mlops.Pruning.Search;

namespace Mlops.ScheduleSearch.Probing;

/// <summary>
/// Scores candidates on this machine. A fitness is kept in the object store under probe, levels and noises,
/// so a message that is delivered again costs a look-up; the probe and its model stay loaded between candidates.
/// </summary>
public sealed class CandidateScoring(
    ArtifactStore artifacts, IObjectStore objects, ComputeSlot compute, WorkerOptions worker,
    ILogger<CandidateScoring> log) : IDisposable
{
    private readonly SharedProbes _probes = new();

    /// <summary>The fitness of a candidate; higher is better.</summary>
    public async Task<double> ScoreAsync(EvaluateCandidate candidate, CancellationToken cancellationToken)
    {
        var name = $"fitness/{candidate.Probe.Sha256}/{SearchState.Key(candidate.Levels)}"
            + $"/{candidate.First}-{candidate.Count}";
        if (await objects.TryResolveAsync(name, cancellationToken) is { } kept
            && await ReadAsync(kept, cancellationToken) is { } known)
            return known;

        var fitness = await compute.RunAsync(
            async () =>
            {
                using var loaded = await _probes.AcquireAsync(candidate.Probe, LoadAsync, cancellationToken);
                return loaded.Scorer.Score(
                    candidate.Levels, candidate.First, candidate.Count, cancellationToken);
            },
            cancellationToken);
        using var text = new MemoryStream(Encoding.UTF8.GetBytes(fitness.ToString("R", CultureInfo.InvariantCulture)));
        await objects.SetNameAsync(name, await objects.PutAsync(text, cancellationToken), cancellationToken);
        return fitness;
    }

    /// <inheritdoc/>
    public void Dispose() => _probes.Dispose();

    private async Task<CandidateScorer> LoadAsync(ObjectRef reference, CancellationToken cancellationToken)
    {
        var folder = await artifacts.FetchAsync(reference, cancellationToken);
        var settings = Probe.LoadSettings(folder);
        var placement = Placement.Create(
            worker.Device, settings.Precision, warning => log.LogWarning("{Warning}", warning));
        var model = await artifacts.FetchAsync(settings.Model, cancellationToken);
        var scores = settings.Scores is { } stored ? await artifacts.FetchAsync(stored, cancellationToken) : null;
        return CandidateScorer.Load(Probe.Load(folder, placement.Device), model, scores, placement);
    }

    /// <summary>Null if it is lost or damaged; it is computed and stored anew then.</summary>
    private async Task<double?> ReadAsync(ObjectRef reference, CancellationToken cancellationToken)
    {
        try
        {
            await using var content = await objects.OpenAsync(reference, cancellationToken);
            using var reader = new StreamReader(content);
            return double.Parse(await reader.ReadToEndAsync(cancellationToken), CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is InvalidDataException or FileNotFoundException)
        {
            return null;
        }
    }
}

using Mlops.Contracts;
using Mlops.Orchestrator.Store;
using Mlops.Platform.Objects;

namespace Mlops.Cli.Hosting;

/// <summary>An artifact, who made it and what it was made of.</summary>
/// <param name="Role">What it is to the one above; null for the root.</param>
/// <param name="Kind">What its files are; null if its manifest is lost or damaged, and its inputs with it.</param>
/// <param name="Sha256">Digest of its manifest.</param>
/// <param name="Bytes">Sum of its files.</param>
/// <param name="MadeBy">The job key; null for user inputs.</param>
/// <param name="RunId">The run that made it, if this history knows.</param>
/// <param name="Inputs">What it was made of, by role.</param>
public sealed record LineageNode(
    string? Role, string? Kind, string Sha256, long Bytes, string? MadeBy, Guid? RunId, string? JobId,
    IReadOnlyList<LineageNode> Inputs);

/// <summary>Walks from an artifact to what it was made of.</summary>
public sealed class Lineage(RunQueries queries, ArtifactStore artifacts)
{
    private const int DigestLength = 64;

    /// <summary>The tree above an artifact.</summary>
    /// <param name="what"><c>RUN</c> (its last result), <c>RUN/JOB</c>, or the begin of a digest.</param>
    /// <exception cref="ArgumentException">Nothing, or more than one thing, is called that.</exception>
    public async Task<LineageNode> OfAsync(string what, CancellationToken cancellationToken)
    {
        var made = await queries.ArtifactsAsync(cancellationToken);
        var root = await ByRunAsync(what, cancellationToken) ?? await ByDigestAsync(what, made, cancellationToken)
            ?? throw new ArgumentException(
                $"'{what}' is neither a run with a result nor an artifact of this history; `mlops status` lists runs");
        var makers = made.GroupBy(each => each.Artifact).ToDictionary(group => group.Key, group => group.First());
        return await WalkAsync(role: null, root, makers, cancellationToken);
    }

    private async Task<ObjectRef?> ByRunAsync(string what, CancellationToken cancellationToken)
    {
        var (prefix, jobId) = what.Split('/', 2) is [var before, var after] ? (before, after) : (what, null);
        if (prefix.Length >= DigestLength || await queries.FindAsync(prefix, cancellationToken) is not { } run)
            return null;
        if (jobId is null)
            return run.Jobs.FindLast(job => job.Output is not null)?.Output;
        var job = run.Jobs.Find(job => job.JobId == jobId) ?? throw new ArgumentException(
            $"the run has no job '{jobId}'; its jobs: {string.Join(", ", run.Jobs.Select(each => each.JobId))}");
        return job.Output ?? throw new ArgumentException($"job '{jobId}' of the run has no result yet");
    }

    private async Task<ObjectRef?> ByDigestAsync(
        string what, IReadOnlyList<MadeArtifact> made, CancellationToken cancellationToken)
    {
        var known = made.Select(each => each.Artifact).Concat(await queries.InputsAsync(cancellationToken));
        var matches = known.Where(artifact => artifact.Sha256.StartsWith(what, StringComparison.OrdinalIgnoreCase))
            .Distinct().Take(2).ToArray();
        return matches.Length < 2
            ? matches.FirstOrDefault()
            : throw new ArgumentException($"several artifacts begin with '{what}'; give more of the digest");
    }

    private async Task<LineageNode> WalkAsync(
        string? role, ObjectRef artifact, IReadOnlyDictionary<ObjectRef, MadeArtifact> makers,
        CancellationToken cancellationToken)
    {
        var maker = makers.GetValueOrDefault(artifact);
        if (await ManifestAsync(artifact, cancellationToken) is not { } manifest)
            return new(role, Kind: null, artifact.Sha256, Bytes: 0, MadeBy: null, maker?.RunId, maker?.JobId, []);
        var inputs = new List<LineageNode>();
        foreach (var (name, input) in manifest.Inputs.OrderBy(input => input.Key, StringComparer.Ordinal))
            inputs.Add(await WalkAsync(name, input, makers, cancellationToken));
        return new(
            role, manifest.Kind, artifact.Sha256, manifest.Files.Values.Sum(file => file.Length), manifest.MadeBy,
            maker?.RunId, maker?.JobId, inputs);
    }

    // One lost artifact does not hide the others.
    private async Task<ArtifactManifest?> ManifestAsync(ObjectRef artifact, CancellationToken cancellationToken)
    {
        try
        {
            return await artifacts.ReadManifestAsync(artifact, cancellationToken);
        }
        catch (Exception exception) when (exception is FileNotFoundException or InvalidDataException)
        {
            return null;
        }
    }
}

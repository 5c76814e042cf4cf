using Mlops.Contracts;

namespace Mlops.Platform.Objects;

/// <summary>A set of files and where they come from; the manifest's own digest is the artifact's reference.</summary>
/// <param name="Kind">
/// What the files are: <c>model</c>, <c>data</c>, <c>scores</c>, <c>schedule</c>, <c>tuned</c>, <c>pruned</c>,
/// <c>evaluation</c>, <c>checkpoint</c>.
/// </param>
/// <param name="Files">Path inside the artifact (forward slashes) to its object.</param>
/// <param name="MadeBy">The job key that made it; null for user inputs.</param>
/// <param name="Inputs">Role to the manifest of each input: the lineage.</param>
public sealed record ArtifactManifest(
    string Kind, IReadOnlyDictionary<string, ObjectRef> Files, string? MadeBy,
    IReadOnlyDictionary<string, ObjectRef> Inputs);

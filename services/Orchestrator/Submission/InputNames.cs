using System.Globalization;
using Mlops.Contracts;
using Mlops.Platform.Objects;

namespace Mlops.Orchestrator.Submission;

/// <summary>
/// Finds what a request names: <c>sha256:digest:length</c> is an artifact's manifest, all else a name in the store.
/// </summary>
public sealed class InputNames(IObjectStore store, ArtifactStore artifacts)
{
    /// <summary>The data of a request that names neither model nor data.</summary>
    public const string DefaultData = "data/procedural";

    private const string Model = "model", Data = "data";
    private const string Prefix = "sha256:";

    /// <summary>A reference in the form that requests have it.</summary>
    public static string TextOf(ObjectRef reference) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{reference.Sha256}:{reference.Length}");

    /// <summary>Finds all inputs of a run.</summary>
    /// <exception cref="ArgumentException">A name that points at nothing, or is none.</exception>
    /// <exception cref="InvalidDataException">It does not point at an artifact.</exception>
    public async Task<IReadOnlyDictionary<string, ObjectRef>> FindAsync(
        IReadOnlyDictionary<string, string> names, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, ObjectRef>(StringComparer.Ordinal);
        foreach (var (input, name) in names)
            found[input] = await FindAsync(input, name, cancellationToken);
        if (!found.ContainsKey(Model) && !found.ContainsKey(Data))
            found[Data] = await FindAsync(Data, DefaultData, cancellationToken);
        return found;
    }

    private async Task<ObjectRef> FindAsync(string input, string name, CancellationToken cancellationToken)
    {
        var reference = name.StartsWith(Prefix, StringComparison.Ordinal)
            ? Parse(input, name)
            : await store.ResolveAsync(name, cancellationToken) ?? throw new ArgumentException(
                $"input '{input}': the store knows nothing by the name of '{name}'; make it with "
                + $"`mlops push {input} PATH --name {name}`");
        try
        {
            await artifacts.ReadManifestAsync(reference, cancellationToken);
            return reference;
        }
        catch (FileNotFoundException exception)
        {
            throw new ArgumentException(
                $"input '{input}': the orchestrator's store has no artifact {reference.Sha256}; "
                + "import it into the same store (MLOPS_STORE, or the same home)", exception);
        }
    }

    private static ObjectRef Parse(string input, string text) =>
        text.Split(':') is [_, { Length: 64 } digest, var length] && digest.All(char.IsAsciiHexDigitLower)
        && long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            ? new(digest, bytes)
            : throw new ArgumentException(
                $"input '{input}': '{text}' is not of the form {Prefix}digest:length, with 64 lower-case hexadecimal "
                + "digits");
}

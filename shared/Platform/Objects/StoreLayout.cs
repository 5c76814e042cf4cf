using System.Text.Json;
using System.Text.RegularExpressions;
using Mlops.Contracts;

namespace Mlops.Platform.Objects;

/// <summary>Where things are in every object store, and what each says when they are not as they should.</summary>
internal static partial class StoreLayout
{
    /// <summary>The path of an object: <c>sha256/ab/ab12…</c>.</summary>
    /// <exception cref="InvalidDataException">The reference is no digest.</exception>
    public static string PathOf(ObjectRef reference) => Digest().IsMatch(reference.Sha256)
        ? $"sha256/{reference.Sha256[..2]}/{reference.Sha256}"
        : throw new InvalidDataException(
            $"'{reference.Sha256}' is not a SHA-256 digest in lower-case hexadecimal digits");

    /// <summary>The path of a name: <c>names/…</c>.</summary>
    /// <exception cref="ArgumentException">It could lead out of the store.</exception>
    public static string PathOf(string name) => Name().IsMatch(name)
        ? $"names/{name}"
        : throw new ArgumentException(
            $"'{name}' is not a name of the store; use lower-case letters, digits, '.', '-' and '/'", nameof(name));

    /// <summary>What a name stands for.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static async Task<ObjectRef> ReadNameAsync(string name, Stream content, CancellationToken cancellationToken)
    {
        JsonException? cause = null;
        try
        {
            if (await JsonSerializer.DeserializeAsync<ObjectRef>(content, JsonSerializerOptions.Web, cancellationToken)
                is { Sha256: { } digest } reference && Digest().IsMatch(digest))
                return reference;
        }
        catch (JsonException exception)
        {
            cause = exception;
        }
        throw new InvalidDataException($"the name '{name}' of the object store is damaged; delete it", cause);
    }

    /// <summary>An object that is not there.</summary>
    public static FileNotFoundException Missing(ObjectRef reference, string store) => new(
        $"object {reference.Sha256} is not in the store '{store}'; run the job that made it again");

    /// <summary>An object whose bytes are not what its name says.</summary>
    public static InvalidDataException Damaged(ObjectRef reference, long length) => new(
        $"object {reference.Sha256} is damaged: its {length} bytes do not have that digest; "
        + "delete it from the object store and run the job that made it again");

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex Digest();

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9.-]*)*$")]
    private static partial Regex Name();
}

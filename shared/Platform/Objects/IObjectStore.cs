using Mlops.Contracts;

namespace Mlops.Platform.Objects;

/// <summary>Immutable objects found by the digest of their bytes, and small names that point at them.</summary>
public interface IObjectStore
{
    /// <summary>Stores the bytes and returns their digest; storing the same bytes again changes nothing.</summary>
    Task<ObjectRef> PutAsync(Stream content, CancellationToken cancellationToken);

    /// <summary>
    /// Opens an object; <see cref="InvalidDataException"/> if the digest is wrong, at the latest when its end is read.
    /// </summary>
    /// <exception cref="FileNotFoundException">No such object.</exception>
    Task<Stream> OpenAsync(ObjectRef reference, CancellationToken cancellationToken);

    /// <summary>
    /// Writes an object to a file, which appears under its path only when its digest was found right.
    /// </summary>
    /// <exception cref="FileNotFoundException">No such object.</exception>
    /// <exception cref="InvalidDataException">The object is damaged.</exception>
    Task FetchAsync(ObjectRef reference, string file, CancellationToken cancellationToken);

    /// <summary>Whether the object is there with its full length.</summary>
    Task<bool> ExistsAsync(ObjectRef reference, CancellationToken cancellationToken);

    /// <summary>
    /// What a name points at, or null. Names look like <c>results/ab12…</c> or <c>checkpoints/…/latest</c>.
    /// </summary>
    Task<ObjectRef?> ResolveAsync(string name, CancellationToken cancellationToken);

    /// <summary>Points a name at an object, replacing what it pointed at.</summary>
    Task SetNameAsync(string name, ObjectRef reference, CancellationToken cancellationToken);

    /// <summary>
    /// Points a name at an object unless it already points at one; of several at once exactly one wins.
    /// </summary>
    /// <returns>Whether the name was made by this call.</returns>
    Task<bool> TryCreateNameAsync(string name, ObjectRef reference, CancellationToken cancellationToken);
}

using Mlops.Contracts;

namespace Mlops.Platform.Objects;

/// <summary>Names of what can be made again: results, checkpoints, fitnesses.</summary>
public static class ObjectNames
{
    /// <summary>
    /// What the name points at; null if there is no such name, or if it is damaged: setting it again repairs it.
    /// </summary>
    public static async Task<ObjectRef?> TryResolveAsync(
        this IObjectStore store, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await store.ResolveAsync(name, cancellationToken);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}

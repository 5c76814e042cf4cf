using Mlops.Contracts;

namespace Mlops.Platform.Objects;

/// <summary>Names of what can be made again: results, checkpoints, fitnesses.</summary>
public static class RecalledNames
{
    /// <summary>
    /// What the name stands for; null if nothing has it, or if it is damaged: binding it anew then mends it.
    /// </summary>
    public static async Task<ObjectRef?> RecallAsync(
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

namespace Mlops.Orchestrator.Runs;

/// <summary>An attempt and the run that it belongs to.</summary>
public sealed record PastAttempt(Guid RunId, AttemptState Attempt);

/// <summary>One part of a key that differs; null where it was not there.</summary>
/// <param name="Name">The field: <c>settings.steps</c>.</param>
/// <param name="Before">Its value in the earlier job.</param>
/// <param name="Now">Its value in this one.</param>
public sealed record KeyDifference(string Name, string? Before, string? Now);

/// <summary>Why a job was computed, or why it was not.</summary>
/// <param name="Hit">Whether an earlier result was found.</param>
/// <param name="Nearest">The earlier job whose result this is, or that comes nearest; null if there is none.</param>
/// <param name="Differences">What sets it apart from that; none if the keys are equal.</param>
public sealed record CacheVerdict(bool Hit, PastAttempt? Nearest, IReadOnlyList<KeyDifference> Differences)
{
    /// <summary>Compares an attempt with what came before it.</summary>
    /// <param name="earlier">Attempts at jobs of the same kind that came to a result, in order of time.</param>
    public static CacheVerdict Compare(AttemptState attempt, IReadOnlyList<PastAttempt> earlier)
    {
        var hit = attempt.Outcome == AttemptOutcome.Cached;
        // Who made a result says more than who found it; for what comes near, the latest is the one people remember.
        if (earlier.Where(other => other.Attempt.Key == attempt.Key)
                .MinBy(other => other.Attempt.Outcome != AttemptOutcome.Completed) is { } equal)
            return new(hit, equal, []);
        if (hit || attempt.KeyParts is not { } parts)
            return new(hit, null, []);
        var nearest = earlier.Reverse().Where(other => other.Attempt.KeyParts is not null)
            .MinBy(other => DifferencesBetween(other.Attempt.KeyParts!, parts).Count());
        return new(hit, nearest, nearest is null ? [] : [.. DifferencesBetween(nearest.Attempt.KeyParts!, parts)]);
    }

    private static IEnumerable<KeyDifference> DifferencesBetween(
        IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> now) =>
        from name in before.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
        let difference = new KeyDifference(name, before.GetValueOrDefault(name), now.GetValueOrDefault(name))
        where difference.Before != difference.Now
        select difference;
}

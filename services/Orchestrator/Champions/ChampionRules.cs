using System.Globalization;
using Mlops.Contracts.Evaluations;

namespace Mlops.Orchestrator.Champions;

/// <summary>Whether a result takes the champion's place, and why.</summary>
internal sealed record ChampionVerdict(bool Promote, string Reason);

/// <summary>
/// When a result takes the place of the champion. Its own gate must pass; then it must be better on at least one gated
/// measurement and worse on none (Pareto). Where a measurement has an interval, better and worse mean that the two
/// intervals do not touch; where it has none, as with MACs, any difference counts.
/// </summary>
internal static class ChampionRules
{
    // It depends on what else the machine does meanwhile: reason enough to be careful, not to celebrate.
    private const string OnlyVetoes = "latency";

    /// <summary>Judges a result.</summary>
    /// <param name="champion">The present champion; null if there is none.</param>
    /// <param name="primary">The only measurement on which it may win; null for any gated one but the latency.</param>
    public static ChampionVerdict Judge(EvaluationReport challenger, EvaluationReport? champion, string? primary)
    {
        if (challenger.Verdict.Checks.Where(check => !check.Passed).Select(check => check.Sentence).ToArray()
            is { Length: > 0 } failed)
            return Keep($"its own gate failed: {string.Join("; ", failed)}");
        if (champion is null)
            return new(true, "the first result that passed its gate");
        if (Digest(challenger, "pruned") == Digest(champion, "pruned"))
            return Keep("it is the champion's own model once more");
        string[] gated = [.. challenger.Verdict.Checks.Concat(champion.Verdict.Checks)
            .Select(check => check.Name).Append(primary ?? "macs").Distinct()];
        if (WhyNotComparable(challenger, champion, gated) is { } obstacle)
            return Keep($"not comparable: {obstacle}");
        if (Described(gated.Where(name => Find(champion, name)!.IsBetterThan(Find(challenger, name)!)))
            is { Length: > 0 } worse)
            return Keep($"it is worse: {worse}");
        var chances = primary is null ? gated.Where(name => name != OnlyVetoes) : [primary];
        if (Described(chances.Where(name => Find(challenger, name)!.IsBetterThan(Find(champion, name)!)))
            is { Length: > 0 } better)
            return new(true, $"better: {better}");
        return Keep($"it is not better beyond the intervals: {Described(chances)}");

        string Described(IEnumerable<string> names) => string.Join(", ", names.Select(name =>
            $"{name} {Text(Find(challenger, name)!)} against {Text(Find(champion, name)!)}"));
    }

    private static string? WhyNotComparable(EvaluationReport challenger, EvaluationReport champion, string[] names)
    {
        if (Digest(challenger, "model") != Digest(champion, "model"))
            return "it was made from another dense model";
        if (Digest(challenger, "data") != Digest(champion, "data"))
            return "it was measured on other data";
        foreach (var name in names)
            if (Find(challenger, name) is not { } mine || Find(champion, name) is not { } other)
                return $"{name} was not measured for both";
            else if (mine.Method != other.Method)
                return $"{name} was measured by '{mine.Method}', the champion's by '{other.Method}'";
        return null;
    }

    private static RelativeMeasurement? Find(EvaluationReport report, string name) =>
        RelativeMeasurement.Find(report, name);

    private static string? Digest(EvaluationReport report, string role) => report.Lineage.GetValueOrDefault(role);

    private static string Text(RelativeMeasurement number)
    {
        var interval = number.Lower == number.Upper ? "" : $" [{N(number.Lower)}, {N(number.Upper)}]";
        return N(number.Value) + interval;

        static string N(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
    }

    private static ChampionVerdict Keep(string reason) => new(false, reason);
}

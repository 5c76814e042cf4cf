using System.Text.RegularExpressions;
using Mlops.Contracts.Evaluations;

namespace Mlops.Orchestrator.Champions;

/// <summary>
/// A measurement as champions compare it: relative to the dense model where that was measured too, because both runs
/// measured it under their own conditions.
/// </summary>
/// <param name="Lower">The lower end of its interval, or the value itself.</param>
/// <param name="Upper">The upper end of its interval, or the value itself.</param>
/// <param name="Method">How it was measured; the seed is another in every run and changes nothing about that.</param>
internal sealed partial record RelativeMeasurement(
    double Value, double Lower, double Upper, Better Better, string Method)
{
    /// <summary>The measurement of a name; null if it was not made.</summary>
    public static RelativeMeasurement? Find(EvaluationReport report, string name)
    {
        if (report.Find(name) is not { } number)
            return null;
        var unit = number.Dense is { } dense and > 0 ? dense : 1;
        return new(
            number.Pruned / unit, (number.Low ?? number.Pruned) / unit, (number.High ?? number.Pruned) / unit,
            number.Better, Seed().Replace(number.Protocol, ""));
    }

    /// <summary>Whether even the worst that this may be is better than the best that the other may be.</summary>
    public bool IsBetterThan(RelativeMeasurement other) =>
        Better == Better.Higher ? Lower > other.Upper : Upper < other.Lower;

    [GeneratedRegex(@" ?\bseed-?\d+")]
    private static partial Regex Seed();
}

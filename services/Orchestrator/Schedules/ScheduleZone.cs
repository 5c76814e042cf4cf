using System.Text.RegularExpressions;
using Quartz;

namespace Mlops.Orchestrator.Schedules;

/// <summary>
/// Time zones as Quartz can use them. It asks .NET which times a clock skips, and .NET knows that only of zones whose
/// summer time is ahead of their standard time. In Africa/Casablanca, Africa/El_Aaiun and Europe/Dublin summer time is
/// the standard, and winter an hour behind; there Quartz would find the same time again and again. Those zones are
/// described here the other way round, with the same offsets.
/// </summary>
internal static partial class ScheduleZone
{
    // Part of the name under which Quartz keeps such a zone with its triggers.
    private const string Suffix = "+summer";

    // Earlier rules are of no use to runs that are still to come.
    private const int FirstYear = 2020;

    /// <summary>The zone of an IANA name.</summary>
    /// <exception cref="ArgumentException">It is unknown here.</exception>
    public static TimeZoneInfo Find(string name)
    {
        if (!Word().IsMatch(name) || !TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) || !zone.HasIanaId)
            throw new ArgumentException(
                $"the time zone '{name}' is unknown here; give an IANA name such as Europe/Berlin or UTC");
        var winters = zone.GetAdjustmentRules()
            .Where(rule => rule.DaylightDelta < TimeSpan.Zero && rule.DateEnd.Year >= FirstYear).ToArray();
        return winters.Length == 0 ? zone : SummerAhead(zone, winters);
    }

    /// <summary>Lets Quartz find those zones again when it loads a trigger, until the result is disposed of.</summary>
    public static IDisposable Register() => TimeZones.AddResolver(id =>
        id.EndsWith(Suffix, StringComparison.Ordinal) ? Find(id[..^Suffix.Length]) : null);

    private static TimeZoneInfo SummerAhead(TimeZoneInfo zone, TimeZoneInfo.AdjustmentRule[] winters)
    {
        // A winter over New Year is two rules, with no summer between.
        var summers = winters.Zip(winters.Skip(1))
            .Where(pair => pair.Second.DateStart - pair.First.DateEnd > TimeSpan.FromDays(1))
            .Select(pair => TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
                pair.First.DateEnd, pair.Second.DateStart, -pair.First.DaylightDelta,
                After(pair.First.DaylightTransitionEnd), pair.Second.DaylightTransitionStart));
        return TimeZoneInfo.CreateCustomTimeZone(
            zone.Id + Suffix, zone.BaseUtcOffset + winters[0].DaylightDelta, zone.DisplayName, zone.StandardName,
            zone.DaylightName, [.. summers]);
    }

    // Rules end in the last millisecond before the change.
    private static TimeZoneInfo.TransitionTime After(TimeZoneInfo.TransitionTime last) =>
        TimeZoneInfo.TransitionTime.CreateFixedDateRule(last.TimeOfDay.AddMilliseconds(1), last.Month, last.Day);

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*)*$")]
    private static partial Regex Word();
}

using System.Text.RegularExpressions;
using Quartz;

namespace Mlops.Orchestrator.Schedules;

/// <summary>
/// The instants of a cron expression in a time zone. The expression is read as times on the clock of the zone: a time
/// that the clock skips happens at the moment of the skip, one that it shows twice happens the first time.
/// </summary>
internal sealed partial class CronTimes
{
    private const int UnixFields = 5;

    // Only the fields are left to the library. Its own arithmetic in zones asks TimeZoneInfo which times are skipped,
    // and that does not know about zones whose summer time is the standard (Africa/Casablanca): it never moves on.
    private readonly CronExpression _readings;
    private readonly TimeZoneInfo _zone;

    private CronTimes(CronExpression readings, TimeZoneInfo zone) => (_readings, _zone) = (readings, zone);

    /// <summary>Reads an expression.</summary>
    /// <exception cref="ArgumentException">One sentence: what is wrong with it or with the zone.</exception>
    public static CronTimes Of(string cron, string zone) => new(Expression(cron), Zone(zone));

    /// <summary>The first instant later than this one; null if there is none.</summary>
    public DateTimeOffset? After(DateTimeOffset instant)
    {
        var reading = new DateTimeOffset(Clock(instant), TimeSpan.Zero);
        while (_readings.GetNextValidTimeAfter(reading) is { } next)
        {
            reading = next;
            if (InstantOf(reading.DateTime) is var found && found > instant)
                return found;
        }
        return null;
    }

    /// <summary>All instants later than the first and not later than the second, in order.</summary>
    public IEnumerable<DateTimeOffset> Between(DateTimeOffset after, DateTimeOffset upTo)
    {
        for (var next = After(after); next <= upTo; next = After(next.Value))
            yield return next.Value;
    }

    /// <summary>What the clock of the zone shows at an instant.</summary>
    public DateTime Clock(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, _zone).DateTime;

    /// <summary>The instant in the zone's own notation, for people.</summary>
    public DateTimeOffset InZone(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, _zone);

    private DateTimeOffset InstantOf(DateTime reading)
    {
        var utc = new DateTimeOffset(reading, TimeSpan.Zero);
        var (before, after) = (_zone.GetUtcOffset(utc.AddDays(-1)), _zone.GetUtcOffset(utc.AddDays(1)));
        // In this order the first of two passes is found first.
        foreach (var offset in (TimeSpan[])[before, after])
            if (_zone.GetUtcOffset(utc - offset) == offset)
                return utc - offset;
        return Change(utc - after, utc - before);
    }

    // The clock changes between these two instants, at a whole second.
    private DateTimeOffset Change(DateTimeOffset before, DateTimeOffset after)
    {
        var old = _zone.GetUtcOffset(before);
        while (after - before > TimeSpan.FromSeconds(1))
        {
            var middle = before.AddSeconds(Math.Floor((after - before).TotalSeconds / 2));
            (before, after) = _zone.GetUtcOffset(middle) == old ? (middle, after) : (before, middle);
        }
        return after;
    }

    private static CronExpression Expression(string cron)
    {
        const string mend = "write minute hour day month weekday, for example '30 2 * * *'";
        var fields = cron.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (fields.Length != UnixFields && !(fields.Length is 6 or 7 && fields[0].All(char.IsAsciiDigit)))
            throw new ArgumentException(
                $"the cron expression '{cron}' has neither five fields nor a fixed second before them; {mend}");
        // The library takes 98 and 99, which stand for ? and * inside of it.
        if (fields.Take(6).SelectMany(field => Digits().Matches(field)).Any(number => number.ValueSpan is not
            [_] and not [>= '0' and <= '5', _]))
            throw new ArgumentException($"the cron expression '{cron}' has a number above 59; {mend}");
        try
        {
            var format = fields.Length == UnixFields ? CronFormat.Unix : CronFormat.Quartz;
            return CronExpression.Parse(string.Join(' ', fields), format).WithTimeZone(TimeZoneInfo.Utc);
        }
        catch (FormatException exception)
        {
            throw new ArgumentException(
                $"the cron expression '{cron}' cannot be read: {exception.Message.TrimEnd('.')}; {mend}", exception);
        }
    }

    private static TimeZoneInfo Zone(string name)
    {
        if (Word().IsMatch(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.HasIanaId)
            return zone;
        throw new ArgumentException(
            $"the time zone '{name}' is unknown here; give an IANA name such as Europe/Berlin or UTC");
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*)*$")]
    private static partial Regex Word();
}

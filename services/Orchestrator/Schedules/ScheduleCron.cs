using System.Text.RegularExpressions;
using Quartz;

namespace Mlops.Orchestrator.Schedules;

/// <summary>Reads cron expressions strictly; their times are Quartz's.</summary>
internal static partial class ScheduleCron
{
    private const int UnixFields = 5;
    private const string Fix = "write minute hour day month weekday, for example '30 2 * * *'";

    /// <summary>Reads an expression.</summary>
    /// <exception cref="ArgumentException">One sentence: what is wrong with it or with the zone.</exception>
    public static CronExpression Parse(string cron, string zone)
    {
        var fields = cron.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (fields.Length != UnixFields && !(fields.Length is 6 or 7 && fields[0].All(char.IsAsciiDigit)))
            throw new ArgumentException(
                $"the cron expression '{cron}' has neither five fields nor a fixed second before them; {Fix}");
        // The library takes 98 and 99, which stand for ? and * inside of it.
        if (fields.Take(6).SelectMany(field => Digits().Matches(field)).Any(number => number.ValueSpan is not
            [_] and not [>= '0' and <= '5', _]))
            throw new ArgumentException($"the cron expression '{cron}' has a number above 59; {Fix}");
        try
        {
            var format = fields.Length == UnixFields ? CronFormat.Unix : CronFormat.Quartz;
            return CronExpression.Parse(string.Join(' ', fields), format).WithTimeZone(ScheduleZone.Find(zone));
        }
        catch (FormatException exception)
        {
            throw new ArgumentException(
                $"the cron expression '{cron}' cannot be read: {exception.Message.TrimEnd('.')}; {Fix}", exception);
        }
    }

    /// <summary>All times later than the first instant and not later than the second, in order.</summary>
    public static IEnumerable<DateTimeOffset> Between(
        this CronExpression cron, DateTimeOffset after, DateTimeOffset upTo)
    {
        for (var next = cron.GetNextValidTimeAfter(after); next <= upTo; next = cron.GetNextValidTimeAfter(next.Value))
            yield return next.Value;
    }

    /// <summary>An instant as the clock of the zone shows it.</summary>
    public static DateTimeOffset InZone(this CronExpression cron, DateTimeOffset instant) =>
        TimeZoneInfo.ConvertTime(instant, cron.TimeZone);

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}

using System.Globalization;
using Mlops.Orchestrator.Schedules;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator.Schedules;

/// <summary>When a cron expression in a zone happens, checked against the very table of the documentation.</summary>
public sealed class ScheduleCronTests
{
    public static TheoryData<string, string, string, string, string> ClockChanges
    {
        get
        {
            var data = new TheoryData<string, string, string, string, string>();
            foreach (var cells in Rows())
                data.Add(cells[0], cells[1], cells[2], cells[4], cells[5]);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(ClockChanges))]
    public void Times_around_a_change_of_the_clock_are_as_documented(
        string zone, string date, string planned, string utc, string nextUtc)
    {
        var day = Date(date);
        var (hour, minute) = (planned.Split(':')[0], planned.Split(':')[1]);
        var cron = ScheduleCron.Parse($"{minute} {hour} * * *", zone);

        // The time before may be 25 hours away, so that it is looked for from two days before.
        var found = cron.Between(new DateTimeOffset(day, TimeSpan.Zero).AddDays(-2), DateTimeOffset.MaxValue)
            .SkipWhile(instant => cron.InZone(instant).Date < day).Take(2);

        Assert.Equal([utc, nextUtc], found.Select(instant =>
            instant.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void The_documented_changes_are_those_of_five_zones_and_of_both_directions()
    {
        var rows = Rows();

        Assert.True(rows.Select(cells => cells[0]).Distinct().Count() >= 5);
        Assert.True(rows.Count(cells => cells[3].Contains("skipped", StringComparison.Ordinal)) >= 4);
        Assert.True(rows.Count(cells => cells[3].Contains("twice", StringComparison.Ordinal)) >= 4);
    }

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    [InlineData("Australia/Lord_Howe")]
    [InlineData("Asia/Kolkata")]
    [InlineData("America/Santiago")]
    [InlineData("Africa/Casablanca")]
    [InlineData("Europe/Dublin")]
    [InlineData("UTC")]
    public void Every_date_has_one_time_whatever_the_clock_does(string zone)
    {
        var cron = ScheduleCron.Parse("30 2 * * *", zone);
        var first = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

        var dates = cron.Between(first, first.AddDays(730)).Select(instant => cron.InZone(instant).Date).ToArray();

        Assert.Equal(Enumerable.Range(0, 730).Select(day => first.Date.AddDays(day + 1)), dates);
    }

    [Theory]
    [InlineData("30 2 * * *", "2026-11-21 02:30")]
    [InlineData("0 30 2 * * ?", "2026-11-21 02:30")]
    [InlineData("0 4 * * 0", "2026-11-22 04:00")]
    [InlineData("0 4 * * 7", "2026-11-22 04:00")]
    [InlineData("15 1 1 * *", "2026-12-01 01:15")]
    [InlineData("*/20 * * * 1-5", "2026-11-20 12:20")]
    public void Crontab_and_quartz_spellings_are_both_read(string cron, string next)
    {
        var after = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

        var found = ScheduleCron.Parse(cron, "UTC").GetNextValidTimeAfter(after);

        Assert.Equal(next, found?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("", "UTC", "neither five fields")]
    [InlineData("30 2 * *", "UTC", "neither five fields")]
    [InlineData("* * * * * ?", "UTC", "neither five fields")]
    [InlineData("61 2 * * *", "UTC", "'61 2 * * *' has a number above 59")]
    [InlineData("99 2 * * *", "UTC", "'99 2 * * *' has a number above 59")]
    [InlineData("30 24 * * *", "UTC", "'30 24 * * *' cannot be read")]
    [InlineData("x y * * *", "UTC", "'x y * * *' cannot be read")]
    [InlineData("30 2 * * *", "Berlin", "time zone 'Berlin' is unknown")]
    [InlineData("30 2 * * *", "../../etc/passwd", "is unknown")]
    [InlineData("30 2 * * *", "", "is unknown")]
    public void What_cannot_be_read_is_named_in_one_sentence(string cron, string zone, string named)
    {
        var thrown = Assert.Throws<ArgumentException>(() => ScheduleCron.Parse(cron, zone));

        Assert.Contains(named, thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', thrown.Message);
    }

    /// <summary>zone | date | planned | what the clock does | triggers at (UTC) | next (UTC).</summary>
    private static List<string[]> Rows() =>
    [
        .. File.ReadLines(Repository.Path("docs", "schedules.md"))
            .Where(line => line.StartsWith('|') && line.Contains('/', StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray())
            .Where(cells => cells.Length == 6 && DateTime.TryParse(cells[1], CultureInfo.InvariantCulture, out _)),
    ];

    private static DateTime Date(string text) => DateTime.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}

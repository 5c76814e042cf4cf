using System.Text.RegularExpressions;
using Mlops.Tests.Support;

namespace Mlops.Tests.Cli;

/// <summary>Schedules at the command line, on a home folder that nobody drives.</summary>
public sealed partial class ScheduleTests : IDisposable
{
    private static readonly string[] Nightly =
    [
        "schedule", "add", "nightly", "--cron", "30 2 * * *", "--zone", "Europe/Berlin", "--recipe", "alter",
        "--seed", "per-run", "--deadline", "120", "--overlap", "replace",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_added_is_listed_looked_ahead_paused_started_and_removed()
    {
        Assert.Matches("(?m)^nightly: first at [0-9-]+ 02:30 ", Said(Nightly));

        Assert.Contains("nightly  '30 2 * * *' Europe/Berlin  recipe alter", Said("schedule", "list"));
        var times = Said("schedule", "next", "nightly", "5").Split('\n');
        Assert.Equal(5, times.Length);
        Assert.All(times, line => Assert.Matches(Time(), line));
        Said("schedule", "pause", "nightly");
        Assert.Contains("next      paused", Said("schedule", "list"));
        Said("schedule", "resume", "nightly");
        Assert.Contains("starts as soon as a process drives this home", Said("schedule", "run-now", "nightly"));
        Assert.Contains("manual running, run ", Said("schedule", "list"));
        Said("schedule", "remove", "nightly");
        Assert.StartsWith("no schedules yet", Said("schedule", "list"), StringComparison.Ordinal);
    }

    private string Said(params string[] arguments)
    {
        var (exitCode, output, errors) = MlopsProcess.Run(_folder.Path, arguments);
        Assert.Equal(("", 0), (errors, exitCode));
        return output.Trim();
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d 02:30 \+0[12]:00   \d{4}-\d\d-\d\d 0[01]:30 UTC$")]
    private static partial Regex Time();
}

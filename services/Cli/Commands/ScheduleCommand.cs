using System.CommandLine;
using System.Globalization;
using Mlops.Cli.Display;
using Mlops.Cli.Hosting;
using Mlops.Orchestrator.Schedules;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops schedule …</c>: scheduled runs.</summary>
public static class ScheduleCommand
{
    private const int DefaultTimes = 5;

    /// <summary>The command with its verbs.</summary>
    public static Command Create() => new("schedule", "Scheduled runs")
    {
        ScheduleAddCommand.Create(),
        Verb("list", "Show all schedules, their latest runs and their champions", async (session, terminal, token) =>
        {
            var schedules = await session.Schedules.ListAsync(token);
            terminal.Show(schedules, () => ScheduleTable.Write(schedules, terminal.Out));
        }),
        Named("pause", "Skip the runs of a schedule until it is resumed", (session, name, _, token) =>
            session.Schedules.PauseAsync(name, token)),
        Named("resume", "Start runs of a paused schedule again", (session, name, _, token) =>
            session.Schedules.ResumeAsync(name, token)),
        Named("remove", "Forget a schedule; its results and its champion stay", (session, name, _, token) =>
            session.Schedules.RemoveAsync(name, token)),
        Named("run-now", "Start a run of a schedule now", async (session, name, terminal, token) =>
        {
            var occurrence = await session.Schedules.RunNowAsync(name, token);
            terminal.Show(occurrence, () => terminal.Text.WriteLine(SentenceOf(occurrence, session.IsRemote)));
        }),
        Next(),
    };

    /// <summary>A verb that works on the schedules of a folder or a server.</summary>
    internal static Command On(
        Command command, Func<ParseResult, ScheduleSession, Terminal, CancellationToken, Task> act)
    {
        var home = CommonOptions.Home();
        var server = CommonOptions.Server();
        command.Options.Add(home);
        command.Options.Add(server);
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, async terminal =>
        {
            await using var session = await ScheduleSession.OpenAsync(
                parsed.GetRequiredValue(home), parsed.ServerOf(server));
            await act(parsed, session, terminal, cancellationToken);
            return ExitCodes.Success;
        }, cancellationToken));
        return command;
    }

    private static Command Verb(
        string name, string description, Func<ScheduleSession, Terminal, CancellationToken, Task> act) =>
        On(new Command(name, description), (_, session, terminal, cancellationToken) =>
            act(session, terminal, cancellationToken));

    private static Command Named(
        string name, string description, Func<ScheduleSession, string, Terminal, CancellationToken, Task> act)
    {
        var schedule = new Argument<string>("name") { Description = "The schedule's name" };
        return On(new Command(name, description) { schedule }, (parsed, session, terminal, cancellationToken) =>
            act(session, parsed.GetRequiredValue(schedule), terminal, cancellationToken));
    }

    private static Command Next()
    {
        var schedule = new Argument<string>("name") { Description = "The schedule's name" };
        var count = new Argument<int>("count")
        {
            Description = "How many times", DefaultValueFactory = _ => DefaultTimes,
        };
        return On(
            new Command("next", "Show the times at which a schedule starts its next runs") { schedule, count },
            async (parsed, session, terminal, cancellationToken) =>
            {
                var times = await session.Schedules.NextAsync(
                    parsed.GetRequiredValue(schedule), parsed.GetValue(count), cancellationToken);
                terminal.Show(times, () =>
                {
                    foreach (var time in times)
                        terminal.Text.WriteLine(string.Create(
                            CultureInfo.InvariantCulture,
                            $"{time:yyyy-MM-dd HH:mm zzz}   {time.UtcDateTime:yyyy-MM-dd HH:mm} UTC"));
                });
            });
    }

    private static string SentenceOf(OccurrenceView occurrence, bool isRemote) => (occurrence.Status, isRemote) switch
    {
        ("started", false) => $"run {occurrence.RunId:N} starts as soon as a process drives this home: mlops serve",
        ("started", true) => $"run {occurrence.RunId:N} starts",
        ("waiting", _) => $"run {occurrence.RunId:N} starts once the run under way has ended, which is cancelled",
        _ => $"no run was started: {occurrence.Reason}",
    };
}

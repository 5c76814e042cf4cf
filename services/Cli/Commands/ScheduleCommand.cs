using System.CommandLine;
using System.Globalization;
using Mlops.Cli.Display;
using Mlops.Cli.Hosting;
using Mlops.Orchestrator.Schedules;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops schedule …</c>: runs that start themselves every night.</summary>
public static class ScheduleCommand
{
    private const int DefaultTimes = 5;

    /// <summary>The command with its verbs.</summary>
    public static Command Create() => new("schedule", "Runs that start themselves, every night or at other times")
    {
        ScheduleAddCommand.Create(),
        Verb("list", "Show all schedules, their latest nights and their champions", async (desk, terminal, token) =>
            ScheduleTable.Write(await desk.Schedules.ListAsync(token), terminal.Out)),
        Named("pause", "Let the nights of a schedule pass without a run", (desk, name, _, token) =>
            desk.Schedules.PauseAsync(name, token)),
        Named("resume", "Let the nights of a schedule count again", (desk, name, _, token) =>
            desk.Schedules.ResumeAsync(name, token)),
        Named("remove", "Forget a schedule; its results and its champion stay", (desk, name, _, token) =>
            desk.Schedules.RemoveAsync(name, token)),
        Named("run-now", "Start a run of a schedule now", async (desk, name, terminal, token) =>
            terminal.Text.WriteLine(SentenceOf(await desk.Schedules.RunNowAsync(name, token), desk.IsRemote))),
        Next(),
    };

    /// <summary>A verb that works on the schedules of a folder or a server.</summary>
    internal static Command On(Command command, Func<ParseResult, ScheduleDesk, Terminal, CancellationToken, Task> act)
    {
        var home = CommonOptions.Home();
        var server = CommonOptions.Server();
        command.Options.Add(home);
        command.Options.Add(server);
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, async terminal =>
        {
            await using var desk = await ScheduleDesk.OpenAsync(
                parsed.GetRequiredValue(home), parsed.ServerOf(server));
            await act(parsed, desk, terminal, cancellationToken);
            return ExitCodes.Success;
        }, cancellationToken));
        return command;
    }

    private static Command Verb(
        string name, string description, Func<ScheduleDesk, Terminal, CancellationToken, Task> act) =>
        On(new Command(name, description), (_, desk, terminal, cancellationToken) =>
            act(desk, terminal, cancellationToken));

    private static Command Named(
        string name, string description, Func<ScheduleDesk, string, Terminal, CancellationToken, Task> act)
    {
        var schedule = new Argument<string>("name") { Description = "The schedule's name" };
        return On(new Command(name, description) { schedule }, (parsed, desk, terminal, cancellationToken) =>
            act(desk, parsed.GetRequiredValue(schedule), terminal, cancellationToken));
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
            async (parsed, desk, terminal, cancellationToken) =>
            {
                foreach (var time in await desk.Schedules.NextAsync(
                    parsed.GetRequiredValue(schedule), parsed.GetValue(count), cancellationToken))
                    terminal.Text.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{time:yyyy-MM-dd HH:mm zzz}   {time.UtcDateTime:yyyy-MM-dd HH:mm} UTC"));
            });
    }

    private static string SentenceOf(NightView night, bool isRemote) => (night.Outcome, isRemote) switch
    {
        ("started", false) => $"run {night.RunId:N} starts as soon as a process drives this home: mlops serve",
        ("started", true) => $"run {night.RunId:N} starts",
        ("waiting", _) => $"run {night.RunId:N} starts once the run under way has ended, which is cancelled",
        _ => $"no run was started: {night.Reason}",
    };
}

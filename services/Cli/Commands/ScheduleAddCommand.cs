using System.CommandLine;
using System.Globalization;
using Mlops.Cli.Hosting;
using Mlops.Orchestrator.Schedules;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops schedule add NAME</c>: what runs, when, and what if not.</summary>
public static class ScheduleAddCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "Lower-case words joined by hyphens" };
        var cron = new Option<string>("--cron")
        {
            Description = "minute hour day month weekday, for example '30 2 * * *'", Required = true,
        };
        var zone = new Option<string>("--zone")
        {
            Description = "IANA time zone of these times", DefaultValueFactory = _ => "UTC",
        };
        var recipe = new Option<string>("--recipe")
        {
            Description = "A recipe's name (see: mlops recipes) or a YAML file", Required = true,
        };
        recipe.CompletionSources.Add(_ => CompletionCommand.Recipes);
        var model = new Option<string?>("--model") { Description = InputText.Model };
        var data = new Option<string?>("--data") { Description = InputText.Data };
        var features = new Option<string?>("--features") { Description = InputText.Features };
        var macs = new Option<string?>("--macs") { Description = "Wanted kept ratio of the model's MACs, e.g. 0.65" };
        var seed = new Option<string?>("--seed") { Description = "A number, or 'per-run' for another one every time" };
        var set = new Option<string[]>("--set") { Description = "Another option: job.option=value; may be repeated" };
        var overlap = Choice<OverlapPolicy>("--overlap", "While an earlier run is under way: skip, both, cancel it");
        var deadline = new Option<int?>("--deadline") { Description = "Minutes that a run may start late" };
        var catchUp = Choice<CatchUpPolicy>("--catch-up", "Which missed times are made up for");
        var noChampion = new Option<bool>("--no-champion") { Description = "Do not compare results" };
        var primary = new Option<string?>("--primary")
        {
            Description = "The only measurement on which a result may win, e.g. macs (default: any gated one)",
        };
        var command = new Command("add", "Add a schedule")
        {
            name, cron, zone, recipe, model, data, features, macs, seed, set, overlap, deadline, catchUp, noChampion,
            primary,
        };
        return ScheduleCommand.On(command, async (parsed, session, terminal, cancellationToken) =>
        {
            var request = new RunRequest(
                RunRequest.Text(parsed.GetRequiredValue(recipe)), parsed.GetValue(model),
                parsed.GetValue(data),
                RunRequest.Overrides(parsed.GetValue(macs), parsed.GetValue(seed), parsed.GetValue(set) ?? []))
            {
                Features = parsed.GetValue(features),
            };
            var inputs = await new RunInputs(session.Artifacts, terminal.Text.WriteLine)
                .ImportAsync(request, cancellationToken);
            var schedule = new ScheduleDefinition(
                parsed.GetRequiredValue(name), parsed.GetRequiredValue(cron), parsed.GetRequiredValue(zone),
                request.Recipe, inputs, request.Settings)
            {
                Overlap = Value<OverlapPolicy>(parsed.GetRequiredValue(overlap)),
                DeadlineMinutes = parsed.GetValue(deadline),
                CatchUp = Value<CatchUpPolicy>(parsed.GetRequiredValue(catchUp)),
                Champion = !parsed.GetValue(noChampion), Primary = parsed.GetValue(primary),
            };
            // Here as well as at the server, which knows no options of services that live elsewhere.
            var run = ScheduleCheck.Check(schedule, session.Planner, DateTimeOffset.UtcNow);
            await RunCheck.CheckAsync(session.Artifacts, [run], cancellationToken);
            await session.Schedules.AddAsync(schedule, cancellationToken);
            var first = (await session.Schedules.NextAsync(schedule.Name, 1, cancellationToken))[0];
            var time = first.ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture);
            var condition = session.IsRemote ? "" : ", if a process drives this home then: mlops serve";
            var added = (await session.Schedules.ListAsync(cancellationToken))
                .Single(view => view.Definition.Name == schedule.Name);
            terminal.Show(
                added, () => terminal.Text.WriteLine($"{schedule.Name}: first at {time}{condition}"));
        });
    }

    private static Option<string> Choice<TPolicy>(string name, string description) where TPolicy : struct, Enum
    {
        var words = Enum.GetNames<TPolicy>().Select(word => word.ToLowerInvariant()).ToArray();
        var option = new Option<string>(name)
        {
            Description = $"{description}: {string.Join(", ", words)} (default: {words[0]})",
            DefaultValueFactory = _ => words[0],
        };
        return option.AcceptOnlyFromAmong(words);
    }

    private static TPolicy Value<TPolicy>(string word) where TPolicy : struct, Enum =>
        Enum.Parse<TPolicy>(word, ignoreCase: true);
}

using System.CommandLine;
using System.CommandLine.Help;
using Mlops.Cli.Hosting;
using Mlops.Orchestrator.Api;
using Mlops.Orchestrator.Store;
using Mlops.Orchestrator.Submission;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops run [RECIPE]</c>: one run, in this process or at a server.</summary>
public static class RunCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var recipe = new Argument<string?>("recipe")
        {
            Description = "A recipe's name (see: mlops recipes) or a YAML file", Arity = ArgumentArity.ZeroOrOne,
        };
        var method = new Option<string?>("--method") { Description = "The same as the recipe's name" };
        recipe.CompletionSources.Add(_ => CompletionCommand.Recipes);
        method.CompletionSources.Add(_ => CompletionCommand.Recipes);
        var model = new Option<string?>("--model") { Description = InputText.Model };
        var data = new Option<string?>("--data") { Description = InputText.Data };
        var features = new Option<string?>("--features") { Description = InputText.Features };
        var macs = new Option<string?>("--macs") { Description = "Wanted kept ratio of the model's MACs, e.g. 0.65" };
        var seed = new Option<string?>("--seed") { Description = "Every random draw derives from it" };
        var set = new Option<string[]>("--set") { Description = "Another option: job.option=value; may be repeated" };
        var output = new Option<DirectoryInfo?>("--out") { Description = "Results (default: runs/RECIPE-ID)" };
        var resume = new Option<bool>("--resume") { Description = "Let unfinished runs of this home go on, too" };
        var discard = new Option<bool>("--discard") { Description = "Cancel unfinished runs of this home first" };
        var detach = new Option<bool>("--detach") { Description = "With --server: print the run's id and leave it" };
        var (home, server) = (CommonOptions.Home(), CommonOptions.Server());
        var command = new Command("run", "Prune a model from start to end: train or load, prune, export, evaluate")
        {
            recipe, method, model, data, features, macs, seed, set, output, detach, resume, discard, home, server,
        };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, async terminal =>
        {
            if ((parsed.GetValue(recipe) ?? parsed.GetValue(method)) is not { } wanted)
                return new HelpAction().Invoke(parsed);
            if (parsed.GetValue(method) is { } other && other != wanted)
                throw new ArgumentException($"recipe '{wanted}' and --method '{other}' both name a recipe; give one");
            var settings = RunRequest.Overrides(
                parsed.GetValue(macs), parsed.GetValue(seed), parsed.GetValue(set) ?? []);
            var request = new RunRequest(
                RunRequest.Text(wanted), parsed.GetValue(model), parsed.GetValue(data), settings)
            {
                Features = parsed.GetValue(features),
            };
            if (parsed.GetValue(detach) && parsed.ServerOf(server) is null)
                throw new ArgumentException("--detach needs --server: without one, the run ends with this process");
            var unfinished = parsed.ServerOf(server) is null
                ? await UnfinishedRuns.FindAsync(
                    EmbeddedHost.HistoryFile(parsed.GetRequiredValue(home)), cancellationToken)
                : [];
            if (unfinished is [var earlier, ..] && !parsed.GetValue(resume) && !parsed.GetValue(discard))
                throw new ArgumentException(
                    $"run {RunIds.Short(earlier.RunId)} ({earlier.Recipe}) was left unfinished here; go on with it by "
                    + $"`mlops resume {RunIds.Short(earlier.RunId)}`, or give --resume to let it go on beside this "
                    + "one, or --discard to cancel it");
            await using var host = await RunHosts.OpenAsync(
                parsed.ServerOf(server), parsed.GetRequiredValue(home), cancellationToken);
            if (parsed.GetValue(discard))
                foreach (var run in unfinished)
                    await host.CancelAsync(run.RunId, cancellationToken);
            var session = new RunSession(host, terminal);
            if (parsed.GetValue(detach))
            {
                // The id alone, for scripts.
                var started = await session.StartAsync(request, terminal.Error, cancellationToken);
                terminal.Show(
                    new SubmissionResponse(started, Repeated: false), () => terminal.Text.WriteLine(started));
                return ExitCodes.Success;
            }

            return await session.RunAsync(request, parsed.GetValue(output), cancellationToken);
        }, cancellationToken));
        return command;
    }
}

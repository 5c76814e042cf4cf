using System.CommandLine;
using System.Globalization;
using Mlops.Cli.Comparing;
using Mlops.Cli.Display;
using Mlops.Cli.Hosting;
using Mlops.Evaluation.Comparing;
using Mlops.Orchestrator.Submission;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops compare</c>: methods at equal total MACs per image, or runs that have ended, side by side.
/// </summary>
public static class CompareCommand
{
    private static readonly Argument<string[]> Runs = new("run")
    {
        Description = "Runs that have ended, by id or the beginning of one; without any, --recipes are run",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string> Recipes = new("--recipes")
    {
        Description = "Recipes, comma between; the others are held against the first",
        DefaultValueFactory = _ => "forecast,taylorseer,fora,teacache,fewer-steps",
    };

    private static readonly Option<string> Budgets = new("--total-macs")
    {
        Description = "Shares of the MACs of a whole image, comma between", DefaultValueFactory = _ => "0.5,0.35",
    };

    private static readonly Option<int> Seeds = new("--seeds")
    {
        Description = "Repetitions, each with noises of its own", DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string?> Model = new("--model") { Description = InputText.Model };
    private static readonly Option<string?> Data = new("--data") { Description = InputText.Data };

    private static readonly Option<string> Sampler = new("--sampler")
    {
        Description = "ddim, dpm-solver, …; auto takes the deterministic one that fits the model",
        DefaultValueFactory = _ => "auto",
    };

    private static readonly Option<int> Steps = new("--steps")
    {
        Description = "Sampler steps of the dense model", DefaultValueFactory = _ => 20,
    };

    private static readonly Option<double> GuidanceScale = new("--guidance")
    {
        Description = "Scale of classifier-free guidance", DefaultValueFactory = _ => 1,
    };

    private static readonly Option<int> Images = new("--images")
    {
        Description = "Noises on which the methods are compared", DefaultValueFactory = _ => 256,
    };

    private static readonly Option<int> TruthSteps = new("--truth-steps")
    {
        Description = "Consistent steps of the true trajectory; 0 leaves it out", DefaultValueFactory = _ => 200,
    };

    private static readonly Option<string[]> Set = new("--set")
    {
        Description = "Another option: job.option=value, for the recipes that have the job; may be repeated",
    };

    private static readonly Option<DirectoryInfo> Output = new("--out")
    {
        Description = "Results (default: comparison)", DefaultValueFactory = _ => new("comparison"),
    };

    private const string BesideOthers =
        "the runs may have shared a machine while they were timed: speed-ups of a server's workers are rough";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var (home, server) = (CommonOptions.Home(), CommonOptions.Server());
        var command = new Command("compare", "Compare methods at equal total MACs per image, or finished runs")
        {
            Runs, Recipes, Budgets, Seeds, Model, Data, Sampler, Steps, GuidanceScale, Images, TruthSteps, Set, Output,
            home, server,
        };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, async terminal =>
        {
            var (folder, address) = (parsed.GetRequiredValue(home), parsed.ServerOf(server));
            var results = new ComparisonResults(parsed.GetRequiredValue(Output));
            results.CheckIsFree();
            var runs = parsed.GetValue(Runs) is { Length: > 0 } ids
                ? await FinishedAsync(ids, folder, address, cancellationToken)
                : await RunAsync(parsed, terminal, folder, address, cancellationToken);
            if (runs is null)
            {
                await terminal.Error.WriteLineAsync(
                    "mlops: the comparison is interrupted; the same command goes on with it");
                return ExitCodes.Interrupted;
            }

            var comparison = Comparison.Of(runs);
            if (address is not null && comparison.Rows.Any(row => row.SpeedUp is not null))
                comparison = comparison with { Remarks = [.. comparison.Remarks, BesideOthers] };
            results.Write(comparison, runs, terminal);
            terminal.Show(comparison, () => { });
            return ExitCodes.Success;
        }, cancellationToken));
        return command;
    }

    private static async Task<IReadOnlyList<ComparedRun>?> RunAsync(
        ParseResult parsed, Terminal terminal, DirectoryInfo home, Uri? server, CancellationToken cancellationToken)
    {
        var plan = new ComparisonPlan(
            Words(parsed.GetRequiredValue(Recipes)), Shares(parsed.GetRequiredValue(Budgets)),
            Count(parsed.GetValue(Seeds)),
            new(parsed.GetRequiredValue(Sampler), parsed.GetValue(Steps), parsed.GetValue(GuidanceScale),
                parsed.GetValue(Images), parsed.GetValue(TruthSteps)),
            RunRequest.Overrides(null, null, parsed.GetValue(Set) ?? []));
        if (plan.Recipes.Count * plan.Budgets.Count * plan.Seeds < 2)
            throw new ArgumentException(
                "a comparison needs at least two runs; name more --recipes or --total-macs, or ask for more --seeds");
        await using var host = await RunHosts.OpenAsync(server, home, cancellationToken);
        var request = new RunRequest(
            RunRequest.Text(plan.Recipes[0]), parsed.GetValue(Model), parsed.GetValue(Data), plan.Settings).OrFashion();
        if (request.Model is null)
            throw new ArgumentException("a comparison needs a dense model; give --model, or train one: mlops train");
        var inputs = await new RunInputs(host.Artifacts, terminal.Text.WriteLine)
            .ImportAsync(request, cancellationToken);
        var cells = plan.Cells(inputs);
        // All of them before the first: a refusal costs nothing then.
        await RunCheck.CheckAsync(host.Artifacts, [.. cells.Select(cell => cell.Command)], cancellationToken);
        return await new ComparisonRuns(host, terminal).RunAsync(cells, server is not null, cancellationToken);
    }

    private static async Task<IReadOnlyList<ComparedRun>?> FinishedAsync(
        string[] ids, DirectoryInfo home, Uri? server, CancellationToken cancellationToken)
    {
        await using var history = new RunHistory(home, server);
        var runs = new List<ComparedRun>();
        foreach (var id in ids)
        {
            var run = await history.FindAsync(id, cancellationToken);
            runs.Add(await ComparisonRuns.ReadAsync(
                history.Artifacts, run, $"{run.Recipe} {RunIds.Short(run.RunId)}", null, cancellationToken));
        }

        return runs;
    }

    private static int Count(int seeds) =>
        seeds > 0 ? seeds : throw new ArgumentException($"--seeds {seeds} must be above 0");

    private static string[] Words(string list) =>
        list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static double[] Shares(string list) => Array.ConvertAll(
        Words(list), word => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var share)
            ? share
            : throw new ArgumentException($"--total-macs '{word}' is no number; write 0.5,0.35"));
}

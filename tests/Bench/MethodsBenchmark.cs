using Mlops.Cli.Display;
using Mlops.Cli.Hosting;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Evaluations;
using Spectre.Console;

namespace Mlops.Bench;

/// <summary>
/// Whether what the methods claim holds here: ALTER against static masks with the same training, and Diff-ES against
/// the best schedule of its start population (uniform, ramps, ends, …), each at equal MACs on the built-in data. One
/// dense model, several seeds of pruning.
/// </summary>
public sealed class MethodsBenchmark(EmbeddedHost host, IAnsiConsole console)
{
    private const int Seeds = 3;
    private const string Macs = "0.65";
    private const string Images = "128";
    private const string Distance = "latent_mse";
    private const string Distribution = "kid";
    private static readonly string[] Shown = ["macs", Distance, "ssim", Distribution];

    private static readonly Contender[] Contenders =
    [
        new("alter", "alter", []),
        new("one static mask, learned", "alter", [("tuned.experts", "1")]),
        new("diff-es", "diff-es", []),
        new("diff-es, start population", "diff-es", [("schedule.generations", "0")]),
        new("one static mask, laptop", "laptop", []),
    ];

    /// <summary>Runs everything; what an earlier call finished is taken from the cache.</summary>
    public async Task<BenchmarkTable> RunAsync(CancellationToken cancellationToken)
    {
        var inputs = await InputsAsync(cancellationToken);
        var reports = new Dictionary<string, List<EvaluationReport>>();
        foreach (var contender in Contenders)
            for (var seed = 0; seed < Seeds; seed++)
            {
                console.WriteLine($"{contender.Name}, seed {seed}");
                var report = await EvaluateAsync(contender, seed, inputs, cancellationToken);
                reports.TryAdd(contender.Name, []);
                reports[contender.Name].Add(report);
            }

        return new BenchmarkTable(
            "methods", $"Built-in data and model, kept MACs {Macs}, one dense model, {Seeds} seeds of pruning and "
            + $"evaluation; per seed. Protocol {reports[Contenders[0].Name][0][Distance].Protocol}.",
            ["method", .. Shown],
            [.. Contenders.Select(contender => Row(contender.Name, reports[contender.Name]))],
            [
                Compare("alter", ["one static mask, learned", "one static mask, laptop"], reports),
                Compare("diff-es", ["diff-es, start population"], reports),
            ]);
    }

    private async Task<IReadOnlyDictionary<string, ObjectRef>> InputsAsync(CancellationToken cancellationToken)
    {
        var request = new RunRequest("alter", Model: null, "procedural", new Dictionary<string, string>());
        var inputs = await new RunInputs(host.Artifacts, console.WriteLine).ImportAsync(request, cancellationToken);
        var start = new StartRun(Guid.NewGuid(), request.Recipe, inputs, request.Settings);
        var made = Completed(await Session().ExecuteAsync(start, cancellationToken));
        return new Dictionary<string, ObjectRef>(inputs) { ["model"] = made["model"] };
    }

    private async Task<EvaluationReport> EvaluateAsync(
        Contender contender, int seed, IReadOnlyDictionary<string, ObjectRef> inputs,
        CancellationToken cancellationToken)
    {
        var settings = contender.Settings.ToDictionary(setting => setting.Option, setting => setting.Value);
        settings["macs"] = Macs;
        settings["seed"] = BenchmarkTable.Number(seed);
        settings["evaluation.images"] = Images;
        var start = new StartRun(Guid.NewGuid(), contender.Recipe, inputs, settings);
        var made = Completed(await Session().ExecuteAsync(start, cancellationToken));
        return EvaluationReport.Load(await host.Artifacts.FetchAsync(made["evaluation"], cancellationToken));
    }

    private static IReadOnlyDictionary<string, ObjectRef> Completed(RunOutcome outcome) => outcome switch
    {
        RunOutcome.Completed completed => completed.Artifacts,
        RunOutcome.Failed failed => throw new InvalidDataException(failed.Reason),
        _ => throw new OperationCanceledException(),
    };

    private static List<string> Row(string name, List<EvaluationReport> reports) =>
    [
        name,
        .. Shown.Select(measure => string.Join(" / ", reports.Select(report => BenchmarkTable.Number(
            measure == "macs" ? report[measure].Ratio!.Value : report[measure].Pruned, "G3")))),
    ];

    private static string Compare(
        string ours, string[] others, IReadOnlyDictionary<string, List<EvaluationReport>> reports)
    {
        var sentences = ((string[])[Distance, Distribution]).Select(measure =>
        {
            var wins = Enumerable.Range(0, Seeds).Count(seed =>
                Value(ours, seed) < others.Min(other => Value(other, seed)));
            var mine = Enumerable.Range(0, Seeds).Average(seed => Value(ours, seed));
            var best = others.Min(other => Enumerable.Range(0, Seeds).Average(seed => Value(other, seed)));
            return $"{measure}: better in {wins} of {Seeds} seeds, mean {BenchmarkTable.Number(mine, "G3")} "
                + $"against {BenchmarkTable.Number(best, "G3")}";

            double Value(string name, int seed) => reports[name][seed][measure].Pruned;
        });
        return $"{ours} against {string.Join(" and ", others)}: {string.Join("; ", sentences)}.";
    }

    private sealed record Contender(string Name, string Recipe, (string Option, string Value)[] Settings);

    private RunSession Session() => new(host, new Terminal(console, Console.Error));
}

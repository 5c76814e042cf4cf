using System.Diagnostics;
using Mlops.Bench.Bus;
using Mlops.Bench.Local;
using Mlops.Cli.Hosting;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator.Runs;
using Mlops.Platform.Objects;
using Spectre.Console;

namespace Mlops.Bench;

/// <summary>Whether a second worker halves a search: Diff-ES's candidates, fanned out as messages.</summary>
/// <param name="home">A folder of its own is made below it.</param>
public sealed class WorkersBenchmark(DirectoryInfo home, IAnsiConsole console)
{
    private const int Rounds = 3;
    private const double Wanted = 1.8;

    // The recipe has 12; rounds are of its size.
    private const int Generations = 4;

    private const string Scores = """
        name: scores
        description: What the search starts from.
        seed: 0
        macs: 0.65
        jobs:
          - id: scores
            job: score-importance
            uses: { model: model, data: data }
            with: { method: block-cosine }
        """;

    private readonly RunWatcher _watcher = new();

    /// <summary>The same search with one worker and with two, in turns.</summary>
    public async Task<BenchmarkTable> RunAsync(CancellationToken cancellationToken)
    {
        var folder = FreshFolder.Under(home, "workers");
        await using var servers = await Servers.UpAsync(folder, cancellationToken);
        using var cluster = new Cluster(folder, servers.Environment);
        await using var client = await ClientHost.StartAsync(
            folder, "client", servers.Connections, [_watcher.Module], cancellationToken);
        cluster.Add("ImportanceScoring");
        cluster.Add("ScheduleSearch");
        var inputs = await InputsAsync(client, cluster, cancellationToken);
        // The first search of a process also compiles it and fetches the model.
        await SearchAsync(client, cluster, inputs, 0, generations: 0, cancellationToken);
        using var second = cluster.Process("ScheduleSearch", "second");
        var (one, two) = (new List<double>(), new List<double>());
        for (var round = 1; round <= Rounds; round++)
        {
            console.WriteLine($"round {round} of {Rounds}");
            one.Add(await SearchAsync(client, cluster, inputs, round, Generations, cancellationToken));
            second.Start();
            await SearchAsync(client, cluster, inputs, -round, generations: 0, cancellationToken);
            two.Add(await SearchAsync(client, cluster, inputs, Rounds + round, Generations, cancellationToken));
            second.Kill();
        }

        return Table(one, two);
    }

    private async Task<IReadOnlyDictionary<string, ObjectRef>> InputsAsync(
        ClientHost client, Cluster cluster, CancellationToken cancellationToken)
    {
        var inputs = await new RunInputs(client.Get<ArtifactStore>(), _ => { }).ImportAsync(
            new RunRequest("diff-es", Model: null, Data: null, new Dictionary<string, string>()), cancellationToken);
        var run = await RunAsync(client, cluster, Scores, inputs, cancellationToken);
        return new Dictionary<string, ObjectRef>(inputs) { ["scores"] = run.Jobs[0].Output! };
    }

    /// <summary>Seconds of a search. Its seed makes it a new one, since a candidate that was scored once is not scored
    /// again; the number of candidates and of their probes is the same.</summary>
    private async Task<double> SearchAsync(
        ClientHost client, Cluster cluster, IReadOnlyDictionary<string, ObjectRef> inputs, int seed,
        int generations, CancellationToken cancellationToken)
    {
        var recipe = $$"""
            name: search
            description: Diff-ES, shortened.
            seed: {{seed}}
            macs: 0.65
            jobs:
              - id: schedule
                job: search-schedule
                uses: { model: model, scores: scores }
                with:
                  macs: $macs
                  steps: 20
                  probes: 64
                  curve-levels: 4
                  generations: {{generations}}
            """;
        var begin = Stopwatch.GetTimestamp();
        await RunAsync(client, cluster, recipe, inputs, cancellationToken);
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private async Task<RunState> RunAsync(
        ClientHost client, Cluster cluster, string recipe, IReadOnlyDictionary<string, ObjectRef> inputs,
        CancellationToken cancellationToken)
    {
        var command = new StartRun(Guid.NewGuid(), recipe, inputs, new Dictionary<string, string>());
        await client.PublishAsync(command, cancellationToken);
        await _watcher.EndedAsync(command.RunId).WaitAsync(cancellationToken);
        var run = await cluster.Queries.FindAsync(command.RunId, cancellationToken);
        return run is { Status: RunStatus.Completed }
            ? run
            : throw new InvalidDataException($"the run ended {run?.Status}: {run?.Reason}");
    }

    private static BenchmarkTable Table(IReadOnlyList<double> one, IReadOnlyList<double> two)
    {
        var ratios = one.Zip(two, (alone, both) => alone / both).ToArray();
        var median = Statistics.Median(ratios);
        return new BenchmarkTable(
            "workers", "One search of Diff-ES by one worker process and by two, of one thread each, in turns; RabbitMQ "
            + "and S3 on loopback.",
            ["round", "one worker, s", "two workers, s", "ratio"],
            [
                .. ratios.Select((ratio, round) => (string[])
                    [$"{round + 1}", N(one[round]), N(two[round]), BenchmarkTable.Number(ratio, "0.00")]),
            ],
            [$"The median is {BenchmarkTable.Number(median, "0.00")}; at least {N(Wanted)} is wanted."])
        {
            Kept = median >= Wanted,
        };
    }

    private static string N(double value) => BenchmarkTable.Number(value, "G3");
}

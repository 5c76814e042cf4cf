using System.Diagnostics;
using Mlops.Bench.Local;
using Mlops.Cli.Hosting;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator;
using Mlops.Platform.Bus;
using Mlops.Platform.Configuration;
using Mlops.Platform.Objects;
using Spectre.Console;

namespace Mlops.Bench.Bus;

/// <summary>What the way between the services costs: on RabbitMQ and S3 of this machine.</summary>
/// <param name="home">A folder of its own is made below it.</param>
public sealed class BusBenchmark(DirectoryInfo home, IAnsiConsole console)
{
    private const int WarmUp = 20, Samples = 300, Jobs = 5, Cancels = 50;
    private const double JobSeconds = 10;

    private readonly RunWatcher _watcher = new();
    private readonly PacedWork _work = new();

    /// <summary>Runs everything.</summary>
    public async Task<BenchmarkTable> RunAsync(CancellationToken cancellationToken)
    {
        var folder = FreshFolder.Under(home, "bus");
        await using var servers = await Servers.UpAsync(folder, cancellationToken);
        using var cluster = new Cluster(folder, servers.Environment);
        await using var client = await ClientHost.StartAsync(
            folder, "worker", servers.Connections, [_work.Module, _watcher.Module], cancellationToken);
        var inputs = await InputsAsync(client, cancellationToken);

        console.WriteLine("from the trigger to the code of a job");
        var latencies = await LatenciesAsync(client, inputs, cancellationToken);
        console.WriteLine("control messages");
        var control = await ControlAsync(client, servers.Connections.Broker!, inputs, cancellationToken);
        console.WriteLine("a run of long jobs, here and in one process");
        var paced = await Task.WhenAll(
            PacedAsync(client, inputs, cancellationToken), OneProcessAsync(folder, cancellationToken));
        console.WriteLine("cancels");
        cluster.Add("CoFinetuning");
        var cancels = await CancelsAsync(client, inputs, cancellationToken);
        return Table(latencies, control, paced[0], paced[1], cancels);
    }

    private static Task<IReadOnlyDictionary<string, ObjectRef>> InputsAsync(
        ClientHost client, CancellationToken cancellationToken) =>
        new RunInputs(client.Get<ArtifactStore>(), _ => { }).ImportAsync(
            new RunRequest("", Model: null, "procedural", new Dictionary<string, string>()), cancellationToken);

    private async Task<double[]> LatenciesAsync(
        ClientHost client, IReadOnlyDictionary<string, ObjectRef> inputs, CancellationToken cancellationToken)
    {
        var found = new List<double>();
        for (var sample = -WarmUp; sample < Samples; sample++)
        {
            var command = Command(PacedWork.Recipe(jobs: 1, seconds: 0), inputs, sample);
            var begin = Stopwatch.GetTimestamp();
            await client.PublishAsync(command, cancellationToken);
            var begun = await _work.BegunAsync(command.RunId).WaitAsync(cancellationToken);
            await _watcher.EndedAsync(command.RunId).WaitAsync(cancellationToken);
            if (sample >= 0)
                found.Add(Stopwatch.GetElapsedTime(begin, begun).TotalMilliseconds);
        }

        return [.. found.Order()];
    }

    private async Task<double> ControlAsync(
        ClientHost client, BrokerOptions broker, IReadOnlyDictionary<string, ObjectRef> inputs,
        CancellationToken cancellationToken)
    {
        var command = Command(PacedWork.Recipe(jobs: 1, seconds: 600), inputs, seed: -2000);
        await client.PublishAsync(command, cancellationToken);
        var heartbeat = await _watcher.FirstHeartbeatAsync(command.RunId).WaitAsync(cancellationToken);
        var found = await new ControlMessages(client, broker).PerSecondAsync(heartbeat, cancellationToken);
        await client.PublishAsync(new CancelRun(command.RunId, "measured"), cancellationToken);
        await _watcher.EndedAsync(command.RunId).WaitAsync(cancellationToken);
        return found;
    }

    /// <summary>The same run with everything in one process: bus in memory, store in a folder.</summary>
    private static async Task<double> OneProcessAsync(string folder, CancellationToken cancellationToken)
    {
        var alone = new BusBenchmark(new DirectoryInfo(folder), AnsiConsole.Console);
        var orchestrator = OrchestratorService.Module(OrchestratorOptions.Under(Path.Combine(folder, "alone")));
        await using var client = await ClientHost.StartAsync(
            folder, "alone", new Connections(), [orchestrator, alone._work.Module, alone._watcher.Module],
            cancellationToken);
        return await alone.PacedAsync(client, await InputsAsync(client, cancellationToken), cancellationToken);
    }

    /// <summary>Seconds of the run, from its trigger to the event of its end.</summary>
    private async Task<double> PacedAsync(
        ClientHost client, IReadOnlyDictionary<string, ObjectRef> inputs, CancellationToken cancellationToken)
    {
        var command = Command(PacedWork.Recipe(Jobs, JobSeconds), inputs, seed: -1000);
        var begin = Stopwatch.GetTimestamp();
        await client.PublishAsync(command, cancellationToken);
        await _watcher.EndedAsync(command.RunId).WaitAsync(cancellationToken);
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private async Task<double[]> CancelsAsync(
        ClientHost client, IReadOnlyDictionary<string, ObjectRef> inputs, CancellationToken cancellationToken)
    {
        var found = new List<double>();
        for (var sample = 0; sample < Cancels; sample++)
        {
            var command = Command(LongTraining, inputs, sample);
            await client.PublishAsync(command, cancellationToken);
            await _watcher.FirstProgressAsync(command.RunId).WaitAsync(cancellationToken);
            var begin = Stopwatch.GetTimestamp();
            await client.PublishAsync(new CancelRun(command.RunId, "measured"), cancellationToken);
            await _watcher.EndedAsync(command.RunId).WaitAsync(cancellationToken);
            found.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }

        return [.. found.Order()];
    }

    private static BenchmarkTable Table(
        double[] latencies, double control, double paced, double alone, double[] cancels)
    {
        return new BenchmarkTable(
            "bus", "RabbitMQ and S3 on loopback, orchestrator and worker in processes of their own.",
            ["what", "wanted", "found"],
            [
                ["trigger to job code, p50", "30 ms", $"{N(Statistics.Quantile(latencies, 0.5))} ms"],
                ["trigger to job code, p99", "250 ms", $"{N(Statistics.Quantile(latencies, 0.99))} ms"],
                ["heartbeats written to the run history", "1000 /s", $"{N(control)} /s"],
                [$"{Jobs} jobs of {N(JobSeconds)} s: time beyond one process's", "0.5 %", Share(paced, alone)],
                ["the same, beyond the jobs alone", "", Share(paced, Jobs * JobSeconds)],
                ["one process, beyond the jobs alone", "", Share(alone, Jobs * JobSeconds)],
                ["cancel of a training, p50", "", $"{N(Statistics.Quantile(cancels, 0.5))} ms"],
                ["cancel of a training, p99", "2000 ms", $"{N(Statistics.Quantile(cancels, 0.99))} ms"],
            ],
            []);

        static string Share(double seconds, double without) => $"{N(100 * (seconds - without) / without)} %";
    }

    private static StartRun Command(string recipe, IReadOnlyDictionary<string, ObjectRef> inputs, int seed) =>
        new(Guid.NewGuid(), recipe, inputs, new Dictionary<string, string> { ["seed"] = BenchmarkTable.Number(seed) });

    private const string LongTraining = """
        name: training
        description: A training that is cancelled.
        seed: 0
        macs: 0.5
        jobs:
          - id: model
            job: co-finetune
            uses: { data: data }
            with: { mode: dense, steps: 1000000, checkpoint-every: 200 }
        """;

    private static string N(double value) => BenchmarkTable.Number(value, "G3");
}

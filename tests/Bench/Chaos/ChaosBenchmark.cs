using System.Diagnostics;
using Mlops.Bench.Local;
using Mlops.Cli.Hosting;
using Mlops.Contracts;
using Mlops.Orchestrator.Runs;
using Mlops.Platform.Objects;
using Spectre.Console;

namespace Mlops.Bench.Chaos;

/// <summary>
/// Short runs of all five services on a broker and a store of this machine while something is killed after every few
/// steps; afterwards every digest is compared with the same runs undisturbed.
/// </summary>
/// <param name="home">A folder of its own is made below it, and removed at the end if all went well.</param>
public sealed class ChaosBenchmark(DirectoryInfo home, int runs, int seed, IAnsiConsole console)
{
    private const string Lease = "8";
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5), Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Report = TimeSpan.FromSeconds(20);

    /// <summary>Runs everything.</summary>
    public async Task<BenchmarkTable> RunAsync(CancellationToken cancellationToken)
    {
        var folder = FreshFolder.Under(home, $"chaos-{seed}");
        var table = await RunAsync(folder, cancellationToken);
        if (table.Kept)
            Directory.Delete(folder, recursive: true);
        return table;
    }

    private async Task<BenchmarkTable> RunAsync(string folder, CancellationToken cancellationToken)
    {
        ThreadBudget.Apply();
        await using var servers = await Servers.UpAsync(folder, cancellationToken);
        await using var baseline = await EmbeddedHost.StartAsync(
            new DirectoryInfo(Path.Combine(folder, "baseline")), cancellationToken);
        var reference = new BaselineRuns(baseline, console);
        var inputs = await reference.InputsAsync(cancellationToken);
        var audit = new Audit();
        await using var client = await ClientHost.StartAsync(
            folder, "client", servers.Connections, [audit.Module], cancellationToken);
        foreach (var input in inputs.Values)
            await reference.CopyAsync(input, client.Get<IObjectStore>(), cancellationToken);
        var expected = new List<IReadOnlyDictionary<string, ObjectRef>>();
        for (var run = 0; run < runs; run++)
            expected.Add(await reference.RunAsync(
                ShortRun.Command(inputs, ShortRun.Settings(run + 1)), cancellationToken));

        using var cluster = new Cluster(
            folder, new Dictionary<string, string>(servers.Environment) { ["MLOPS_LEASE"] = Lease });
        cluster.AddAllServices();
        var begin = Stopwatch.GetTimestamp();
        var ids = await StartAsync(client, inputs, cancellationToken);
        var killer = new ProcessKiller(cluster, servers.Broker, servers.Store, new Random(seed));
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var killing = killer.WorkAsync(runs, enough.Token);
        try
        {
            var states = await WaitAsync(cluster, ids, killer, cancellationToken);
            var minutes = Stopwatch.GetElapsedTime(begin).TotalMinutes;
            return new ChaosVerdict(states, ids, expected, audit.Duplicated).ToTable(killer, minutes);
        }
        finally
        {
            // Before anything is taken down: it starts again what it has killed.
            await enough.CancelAsync();
            await killing;
        }
    }

    private async Task<Guid[]> StartAsync(
        ClientHost client, IReadOnlyDictionary<string, ObjectRef> inputs, CancellationToken cancellationToken)
    {
        var ids = new Guid[runs];
        for (var run = 0; run < runs; run++)
        {
            var command = ShortRun.Command(inputs, ShortRun.Settings(run + 1));
            ids[run] = command.RunId;
            await client.PublishAsync(command, cancellationToken);
        }

        return ids;
    }

    /// <summary>Waits for the end of all runs, or until no step was made for so long that the rest is stuck.</summary>
    private async Task<IReadOnlyList<RunState>> WaitAsync(
        Cluster cluster, Guid[] ids, ProcessKiller killer, CancellationToken cancellationToken)
    {
        var (steps, last, told) = (0, Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp());
        while (true)
        {
            await Task.Delay(Look, cancellationToken);
            var states = await cluster.Queries.ListAsync(ids.Length, cancellationToken);
            var ended = states.Count(state => state.Status is not (RunStatus.Running or RunStatus.Cancelling));
            if (ProcessKiller.StepsOf(states) is var now && now > steps)
                (steps, last) = (now, Stopwatch.GetTimestamp());
            if (ended == ids.Length || Stopwatch.GetElapsedTime(last) > Timeout)
                return states;
            if (Stopwatch.GetElapsedTime(told) < Report)
                continue;
            told = Stopwatch.GetTimestamp();
            console.WriteLine($"{ended} of {ids.Length} runs ended, {killer.Kills.Values.Sum()} kills");
        }
    }
}

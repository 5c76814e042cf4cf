using Mlops.Bench.Local;
using Mlops.Orchestrator.Runs;

namespace Mlops.Bench.Chaos;

/// <summary>
/// Kills something at random each time that a few more steps of the runs are on the disk, and restarts whatever is
/// dead, as the supervisor of a cluster would: same name, same folder. Counted in steps, a campaign is as hard on a
/// slow machine as on a fast one, and leaves each of them time to get on.
/// </summary>
/// <param name="broker">Comes back in about six seconds.</param>
/// <param name="store">Comes back in a few seconds.</param>
public sealed class ProcessKiller(Cluster cluster, LocalServer broker, LocalServer store, Random random)
{
    // A dead broker or store stops everything else for many seconds, and what stands still cannot be disturbed.
    private const double BrokerShare = 0.05, StoreShare = 0.05, OrchestratorShare = 0.25;
    private const int MaxSteps = 4, MaxRestarts = 3;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    // One of each kind comes first, so that even a short campaign has them all.
    private readonly Queue<double> _first = new([0.99, BrokerShare + StoreShare, BrokerShare, 0]);

    private readonly Dictionary<string, int> _kills = new(StringComparer.Ordinal)
    {
        ["worker"] = 0, ["orchestrator"] = 0, ["broker"] = 0, ["store"] = 0,
    };

    private Task _broker = Task.CompletedTask, _store = Task.CompletedTask;

    /// <summary>Kills by kind of victim.</summary>
    public IReadOnlyDictionary<string, int> Kills => _kills;

    /// <summary>Processes that ended although nobody had killed them.</summary>
    public int UnexpectedExits { get; private set; }

    /// <summary>Starts of a broker or store that failed and were tried again.</summary>
    public int RepeatedStarts { get; private set; }

    /// <summary>What the history has seen: each job that was taken, and each result.</summary>
    public static int StepsOf(IReadOnlyList<RunState> runs) => runs.Sum(run =>
        run.Attempts.Count + run.Jobs.Count(job => job.Status == JobStatus.Completed));

    /// <summary>Goes on until told to stop; then everything lives.</summary>
    public async Task WorkAsync(int runs, CancellationToken stop)
    {
        try
        {
            for (var due = 1; ; await Task.Delay(Look, stop))
            {
                Restart();
                var steps = StepsOf(await cluster.Queries.ListAsync(runs, stop));
                if (steps < due)
                    continue;
                KillOne(_first.TryDequeue(out var dice) ? dice : random.NextDouble());
                due = steps + random.Next(1, MaxSteps + 1);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Task.WhenAll(_broker, _store);
            Restart();
        }
    }

    private void KillOne(double dice)
    {
        if (dice < BrokerShare)
            _broker = Bounce("broker", broker, _broker);
        else if (dice < BrokerShare + StoreShare)
            _store = Bounce("store", store, _store);
        else if (dice < BrokerShare + StoreShare + OrchestratorShare)
            Kill("orchestrator", cluster.Orchestrator);
        else
            Kill("worker", cluster.Workers[random.Next(cluster.Workers.Count)]);
    }

    private void Kill(string kind, ServiceProcess victim)
    {
        victim.Kill();
        victim.Start();
        _kills[kind]++;
    }

    private Task Bounce(string kind, LocalServer server, Task earlier)
    {
        if (!earlier.IsCompletedSuccessfully)
            return earlier;
        _kills[kind]++;
        return BounceAsync();

        async Task BounceAsync()
        {
            await server.KillAsync(CancellationToken.None);
            for (var left = MaxRestarts; !await TryUpAsync(server, left); left--)
                RepeatedStarts++;
        }
    }

    private static async Task<bool> TryUpAsync(LocalServer server, int left)
    {
        try
        {
            await server.UpAsync(CancellationToken.None);
            return true;
        }
        catch (IOException) when (left > 0)
        {
            return false;
        }
    }

    private void Restart()
    {
        foreach (var process in cluster.Workers.Append(cluster.Orchestrator).Where(process => !process.IsRunning))
        {
            UnexpectedExits++;
            process.Start();
        }
    }
}

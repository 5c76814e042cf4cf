using Mlops.Cli.Local;

namespace Mlops.Cli.Benchmarks.Chaos;

/// <summary>
/// Kills something at random about every two seconds, and starts again whatever is dead, as the supervisor of a cluster
/// would: same name, same folder.
/// </summary>
/// <param name="cluster">The processes of the services.</param>
/// <param name="broker">Comes back in about six seconds.</param>
/// <param name="store">Comes back in a few seconds.</param>
/// <param name="random">Chooses victims and moments.</param>
public sealed class Assassin(Cluster cluster, LocalServer broker, LocalServer store, Random random)
{
    // A dead broker or store stops everything else for many seconds, and what stands still cannot be disturbed.
    private const double BrokerShare = 0.05, StoreShare = 0.05, OrchestratorShare = 0.25;
    private const double ShortestPause = 1, PauseSpread = 2;
    private const int MostStumbles = 3;

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
    public int Surprises { get; private set; }

    /// <summary>Starts of a broker or store that failed and were tried again.</summary>
    public int Stumbles { get; private set; }

    /// <summary>Goes on until told to stop; then everything lives.</summary>
    public async Task WorkAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(ShortestPause + PauseSpread * random.NextDouble()), stop);
                Revive();
                Strike(_first.TryDequeue(out var dice) ? dice : random.NextDouble());
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Task.WhenAll(_broker, _store);
            Revive();
        }
    }

    private void Strike(double dice)
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
            for (var left = MostStumbles; !await TryUpAsync(server, left); left--)
                Stumbles++;
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

    private void Revive()
    {
        foreach (var process in cluster.Workers.Append(cluster.Orchestrator).Where(process => !process.IsRunning))
        {
            Surprises++;
            process.Start();
        }
    }
}

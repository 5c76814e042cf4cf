using Mlops.Orchestrator;
using Mlops.Orchestrator.Store;

namespace Mlops.Bench.Local;

/// <summary>All services of the system as processes of this machine, each with a folder of its own.</summary>
public sealed class Cluster : IDisposable
{
    /// <summary>The projects of the five services.</summary>
    public static readonly IReadOnlyList<string> Services =
        ["ImportanceScoring", "ScheduleSearch", "CoFinetuning", "SparseExport", "Evaluation"];

    private readonly string _folder;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly List<ServiceProcess> _workers = [];

    /// <summary>Starts the orchestrator; workers are added.</summary>
    /// <param name="environment">Connections to broker and store, and settings.</param>
    public Cluster(string folder, IReadOnlyDictionary<string, string> environment)
    {
        ThreadBudget.Apply();
        (_folder, _environment) = (folder, environment);
        Orchestrator = Process("Orchestrator", "orchestrator");
        Orchestrator.Start();
    }

    /// <summary>The one that drives the runs.</summary>
    public ServiceProcess Orchestrator { get; }

    /// <summary>Those that do the work.</summary>
    public IReadOnlyList<ServiceProcess> Workers => _workers;

    /// <summary>Reads the run history beside its owner.</summary>
    public RunQueries Queries => new(OrchestratorOptions.Under(Orchestrator.Home).HistoryFile);

    /// <summary>Starts one process of each of the five services.</summary>
    public void AddAllServices()
    {
        foreach (var service in Services)
            Add(service);
    }

    /// <summary>Starts one more worker.</summary>
    public ServiceProcess Add(string service)
    {
        var worker = Process(service, $"{service.ToLowerInvariant()}-{_workers.Count}");
        _workers.Add(worker);
        worker.Start();
        return worker;
    }

    /// <summary>A process of this installation that is not started yet.</summary>
    public ServiceProcess Process(string service, string name) => new(service, name, _folder, _environment);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var process in _workers.Append(Orchestrator))
            process.Dispose();
    }
}

using System.Text.Json;
using Mlops.Contracts;
using Mlops.Diffusion.Data;
using Mlops.Diffusion.Models;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Mlops.Pruning.Plans;

namespace Mlops.Tests.Services;

/// <summary>A folder store, and jobs of any worker on artifacts in it.</summary>
public sealed class PruningJobs : IDisposable
{
    // Anonymous objects cannot have hyphens in their names: batchSize stands for batch-size.
    private static readonly JsonSerializerOptions Options =
        new() { PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower };

    private readonly string _root = Directory.CreateTempSubdirectory("mlops-jobs-").FullName;
    private readonly FolderObjectStore _store;
    private readonly ArtifactStore _artifacts;
    private readonly Dictionary<string, ObjectRef> _inputs = [];
    private int _folders, _done;

    public PruningJobs()
    {
        _store = new FolderObjectStore(Path.Combine(_root, "objects"));
        _artifacts = new ArtifactStore(_store, Path.Combine(_root, "cache"));
    }

    /// <summary>Fills a role with a network and its scheduler.</summary>
    public PruningJobs WithModel(Denoiser network, string schedulerJson, string role = "model")
    {
        var folder = NewFolder();
        ModelFolder.Save(folder, network, schedulerJson);
        return With(role, folder);
    }

    /// <summary>Fills the role data with the built-in images.</summary>
    public PruningJobs WithImages()
    {
        var folder = NewFolder();
        DataFolder.Import(DataFolder.Procedural, folder);
        return With("data", folder);
    }

    /// <summary>Fills a role with the files of a folder.</summary>
    public PruningJobs With(string role, string folder)
    {
        _inputs[role] = _artifacts.ImportAsync(folder, role, CancellationToken.None).GetAwaiter().GetResult();
        return this;
    }

    /// <summary>Empties a role.</summary>
    public PruningJobs Without(string role)
    {
        _inputs.Remove(role);
        return this;
    }

    /// <summary>Runs a job; returns the folder it wrote.</summary>
    public async Task<string> RunAsync(
        IJobWorker worker, object settings, long seed = 0, CancellationToken cancellationToken = default,
        Action<JobProgress>? observe = null)
    {
        var output = NewFolder();
        var json = JsonSerializer.Serialize(settings, Options);
        var order = new JobOrder("job", 1, json, new Dictionary<string, ObjectRef>(_inputs), seed);
        var context = new JobContext(
            Guid.Empty, order, _artifacts, new CheckpointStore(_artifacts, _store, $"job-{_done}"),
            new Observer(observe));
        await worker.WriteAsync(context, output, cancellationToken);
        // The next job has no checkpoint; one that was stopped has, when it is run again.
        _done++;
        return output;
    }

    /// <summary>Runs a job whose schedule is a plan.</summary>
    public async Task<string> RunAsync(IJobWorker worker, object settings, PruningPlan schedule)
    {
        var folder = NewFolder();
        PlanFile.Save(schedule, folder);
        var output = await With("schedule", folder).RunAsync(worker, settings);
        Without("schedule");
        return output;
    }

    /// <summary>An empty folder that goes away with the store.</summary>
    public string NewFolder() =>
        Directory.CreateDirectory(Path.Combine(_root, $"folder-{Interlocked.Increment(ref _folders)}")).FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private sealed class Observer(Action<JobProgress>? observe) : IProgress<JobProgress>
    {
        public void Report(JobProgress value) => observe?.Invoke(value);
    }
}

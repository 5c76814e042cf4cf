using System.Text.Json.Nodes;
using Mlops.Contracts;
using Mlops.Diffusion.Data;
using Mlops.Diffusion.Models;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Stages;
using Mlops.Tests.Diffusion.Models;
using Mlops.Tests.Support;

namespace Mlops.Tests.Services;

/// <summary>A store with a toy model, its scores and data, and orders that use them.</summary>
internal sealed class SomeJobs : IDisposable
{
    public const string Scheduler = """{"_class_name": "DDPMScheduler", "beta_schedule": "linear"}""";

    private readonly TemporaryFolder _folder = new();

    public SomeJobs()
    {
        Objects = new(_folder.File("objects"));
        Artifacts = new(Objects, _folder.File("cache"));
    }

    /// <summary>Where the store lies.</summary>
    public string Folder => _folder.Path;

    /// <summary>The bytes.</summary>
    public FolderObjectStore Objects { get; }

    /// <summary>The artifacts.</summary>
    public ArtifactStore Artifacts { get; }

    /// <summary>An empty folder for one output.</summary>
    public string Output(string name) => Directory.CreateDirectory(_folder.File(name)).FullName;

    /// <summary>All names of the store that begin so.</summary>
    public IEnumerable<string> Names(string prefix) => Directory
        .EnumerateFiles(_folder.File("objects"), "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Path.Combine(_folder.File("objects"), "names"), path))
        .Where(name => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Drops a name of the store.</summary>
    public void Forget(string name) => File.Delete(Path.Combine(_folder.File("objects"), "names", name));

    /// <summary>An untrained UNet of 14 gateable layers or less.</summary>
    public Task<ObjectRef> ModelAsync(int size, string scheduler = Scheduler)
    {
        using var model = ModelFamily.Create(SomeModels.UNet.With("sample_size", JsonValue.Create(size)), seed: 5);
        return ImportAsync(model, scheduler);
    }

    /// <summary>A network of a test's own, which stays the caller's.</summary>
    public Task<ObjectRef> ImportAsync(Denoiser model, string scheduler = Scheduler)
    {
        var folder = Output($"model-{model.Config.ClassName}-{model.SampleShape.Height}");
        ModelFolder.Save(folder, model, scheduler);
        return Artifacts.ImportAsync(folder, "model", CancellationToken.None);
    }

    /// <summary>Layer scores that rise with the layer's index in even stages and fall in odd ones.</summary>
    public async Task<ObjectRef> ScoresAsync(ObjectRef model, int stages)
    {
        using var network = ModelFolder.Load(await Artifacts.FetchAsync(model, CancellationToken.None));
        var structures = network.Layers.Select(layer => new StructureScores(layer.Name, [.. Enumerable.Range(0, stages)
            .Select(stage => new double[] { stage % 2 == 0 ? layer.Index + 1 : network.Layers.Count - layer.Index })]));
        var folder = Output("scores");
        ScoresFolder.Save(
            new("block-cosine", ScoreTarget.Layers, StageBounds.Even(stages), [.. structures]), folder);
        return await Artifacts.ImportAsync(folder, "scores", CancellationToken.None);
    }

    /// <summary>The same network under a plan that skips one layer in the noisy half.</summary>
    public async Task<ObjectRef> PrunedAsync(ObjectRef model)
    {
        var source = await Artifacts.FetchAsync(model, CancellationToken.None);
        var network = ModelFolder.Load(source);
        var skip = new PlanVariant([network.Layers[1].Name, network.Layers[^1].Name]);
        var table = Enumerable.Range(0, 1000).Select(t => t < 500 ? PlanVariant.Dense : skip).ToArray();
        using var pruned = PrunedModel.Of(network, PruningPlan.FromTable("diff-es", table, 0.9), Scheduler);
        var folder = Output("pruned");
        PrunedModel.Save(folder, network, pruned.Plan, Scheduler);
        return await Artifacts.SaveAsync(
            folder, "pruned", "some-key", new Dictionary<string, ObjectRef> { ["model"] = model },
            CancellationToken.None);
    }

    /// <summary>The built-in images.</summary>
    public Task<ObjectRef> DataAsync()
    {
        var folder = Output("data");
        DataFolder.Import(DataFolder.Procedural, folder);
        return Artifacts.ImportAsync(folder, "data", CancellationToken.None);
    }

    /// <summary>What a worker is given; equal keys share checkpoints.</summary>
    public JobContext Context(
        string settings, Dictionary<string, ObjectRef> inputs, string key, Action<JobProgress>? report = null) => new(
        Guid.NewGuid(), new("job", 1, settings, inputs, Seed: 11), Artifacts, new(Artifacts, Objects, key),
        new Reports(report ?? (_ => { })));

    public void Dispose() => _folder.Dispose();

    private sealed class Reports(Action<JobProgress> report) : IProgress<JobProgress>
    {
        public void Report(JobProgress value) => report(value);
    }
}

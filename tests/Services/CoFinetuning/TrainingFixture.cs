using System.Text.Json;
using Mlops.CoFinetuning;
using Mlops.Contracts;
using Mlops.Diffusion.Data;
using Mlops.Diffusion.Weights;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;

namespace Mlops.Tests.Services.CoFinetuning;

/// <summary>A folder store with procedural data and a small dense model, and jobs on them.</summary>
public sealed class TrainingFixture : IDisposable
{
    /// <summary>A short training of masks from all layers.</summary>
    public const string Alter =
        """
        {"mode": "alter", "macs": 0.7, "steps": 10, "window-steps": 6, "batch-size": 2, "checkpoint-every": 1000,
         "hyper-learning-rate": 0.05, "warm-up-steps": 3}
        """;

    private const string Tiny =
        """{"mode": "dense", "steps": 6, "batch-size": 2, "widths": [8, 8], "layers-per-block": 1}""";

    private readonly string _root = Directory.CreateTempSubdirectory("mlops-cofinetuning-").FullName;
    private readonly FolderObjectStore _store;
    private readonly ArtifactStore _artifacts;
    private readonly Dictionary<string, string> _finished = [];
    private int _folders;

    public TrainingFixture()
    {
        _store = new FolderObjectStore(Path.Combine(_root, "objects"));
        _artifacts = new ArtifactStore(_store, Path.Combine(_root, "cache"));
        var data = NewFolder();
        DataFolder.Import(DataFolder.Procedural, data);
        Inputs["data"] = Import(data, "data");
        ModelFolder = Train(Tiny);
        Inputs["model"] = Import(ModelFolder, "model");
    }

    /// <summary>Roles that every job gets.</summary>
    public Dictionary<string, ObjectRef> Inputs { get; } = [];

    /// <summary>The dense model's files.</summary>
    public string ModelFolder { get; }

    /// <summary>The output of an undisturbed job; several tests look at the same one.</summary>
    public string Once(string settings) => _finished.TryGetValue(settings, out var folder)
        ? folder : _finished[settings] = Train(settings);

    /// <summary>Runs a job from its latest checkpoint to its end.</summary>
    public string Train(string settings, string key = "job", Action<JobProgress>? observe = null, long seed = 0) =>
        TrainAsync(settings, key, observe, seed, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Runs a job under a token.</summary>
    public async Task<string> TrainAsync(
        string settings, string key, Action<JobProgress>? observe, long seed, CancellationToken cancellationToken)
    {
        var output = NewFolder();
        var context = new JobContext(
            Guid.Empty, new JobOrder("tuned", 1, settings, Inputs, seed), _artifacts,
            new CheckpointStore(_artifacts, _store, $"{key}-{_folders * (key == "job" ? 1 : 0)}"),
            new Observer(observe ?? (_ => { })));
        await new CoFinetuner().WriteAsync(context, output, cancellationToken);
        return output;
    }

    /// <summary>Other roles until what is returned is disposed.</summary>
    public IDisposable With(params (string Role, ObjectRef Reference)[] roles) => new OtherRoles(Inputs, roles);

    /// <summary>Name to bytes of the weights of a model folder.</summary>
    public Dictionary<string, byte[]> Tensors(string folder)
    {
        using var file = SafetensorsFile.Open(
            Path.Combine(folder, Mlops.Diffusion.Models.ModelFolder.Stem + ".safetensors"));
        return file.Header.Tensors.Keys.ToDictionary(name => name, name => file.Read(name).bytes.ToArray());
    }

    /// <summary>Stores a folder as an artifact.</summary>
    public ObjectRef Import(string folder, string kind) =>
        _artifacts.ImportAsync(folder, kind, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>An empty folder that goes away with the fixture.</summary>
    public string NewFolder() =>
        Directory.CreateDirectory(Path.Combine(_root, $"folder-{Interlocked.Increment(ref _folders)}")).FullName;

    /// <summary>Loss of every step in a history file.</summary>
    public static double[] Losses(string folder)
    {
        using var history = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, LossCurves.FileName)));
        return [.. history.RootElement.GetProperty("rows").EnumerateArray()
            .Select(row => row.GetProperty("loss").GetDouble())];
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private sealed class Observer(Action<JobProgress> observe) : IProgress<JobProgress>
    {
        public void Report(JobProgress value) => observe(value);
    }

    private sealed class OtherRoles : IDisposable
    {
        private readonly Dictionary<string, ObjectRef> _inputs, _before;

        public OtherRoles(Dictionary<string, ObjectRef> inputs, (string Role, ObjectRef Reference)[] roles)
        {
            (_inputs, _before) = (inputs, new(inputs));
            foreach (var (role, reference) in roles)
                inputs[role] = reference;
        }

        public void Dispose()
        {
            _inputs.Clear();
            foreach (var (role, reference) in _before)
                _inputs[role] = reference;
        }
    }
}

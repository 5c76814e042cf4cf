using System.Text.Json.Nodes;
using Mlops.Contracts;
using Mlops.Evaluation;
using Mlops.Orchestrator.Recipes;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;

namespace Mlops.Cli.Hosting;

/// <summary>Evaluates a folder against another one, as the last job of a run would; no run is started.</summary>
/// <param name="note">Says what is being done.</param>
public sealed class FolderEvaluation(ArtifactStore artifacts, IObjectStore objects, Action<string> note)
{
    private const string Job = "evaluation";

    /// <summary>Writes the evaluation's files.</summary>
    /// <param name="pruned">A model folder, with its plan if it has one.</param>
    /// <param name="dense">The model that it is held against.</param>
    /// <param name="data">Held-out images, as runs take them; null measures without any.</param>
    /// <param name="features">Weights of a network for features; null takes the dense model.</param>
    /// <param name="settings">Of the evaluation: option to text.</param>
    public async Task WriteAsync(
        string pruned, string dense, string? data, string? features, IReadOnlyDictionary<string, string> settings,
        long seed, DirectoryInfo target, CancellationToken cancellationToken)
    {
        var options = new JsonObject(settings.Select(
            setting => KeyValuePair.Create(setting.Key, RecipeText.ParseValue(setting.Value))));
        JobOptions.Read<EvaluationOptions>(options.ToJsonString());
        var imports = new RunInputs(artifacts, note);
        var (model, side) = await imports.ModelAsync(dense, data, cancellationToken);
        var inputs = new Dictionary<string, ObjectRef>
        {
            ["model"] = model, ["pruned"] = await artifacts.ImportAsync(pruned, "pruned", cancellationToken),
        };
        if (data is not null)
            inputs["data"] = await imports.DataAsync(data, side, cancellationToken);
        if (features is not null)
            inputs["features"] = await imports.FeaturesAsync(features, dense, cancellationToken);
        var order = new JobOrder(Job, 1, options.ToJsonString(), inputs, seed);
        // A key of its own, so that no checkpoint of another evaluation is taken up.
        var checkpoints = new CheckpointStore(artifacts, objects, $"{Job}-{Guid.NewGuid():N}");
        var context = new JobContext(Guid.Empty, order, artifacts, checkpoints, new JobNotes(note))
        {
            Device = EmbeddedHost.Device, Warn = note,
        };
        target.Create();
        await new Evaluator().WriteAsync(context, target.FullName, cancellationToken);
    }
}

/// <summary>Progress of a job in words.</summary>
internal sealed class JobNotes(Action<string> note) : IProgress<JobProgress>
{
    public void Report(JobProgress value) => note(value.Activity);
}

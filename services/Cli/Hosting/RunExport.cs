using System.Text.Json.Nodes;
using Mlops.Cli.Display;
using Mlops.Contracts;
using Mlops.Contracts.Evaluations;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Submission;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Mlops.SparseExport;

namespace Mlops.Cli.Hosting;

/// <summary>Exports a model once more, from the artifacts that a finished run left or from a folder; no run is started.
/// </summary>
/// <param name="note">Says what is being done.</param>
public sealed class RunExport(ArtifactStore artifacts, IObjectStore objects, Action<string> note)
{
    /// <summary>Writes the model folder.</summary>
    /// <param name="format">native, pruned, padded or onnx.</param>
    /// <exception cref="ArgumentException">The run has no pruned model, or the folder is not empty.</exception>
    /// <exception cref="InvalidDataException">The format cannot hold the run's plan.</exception>
    public async Task WriteAsync(
        RunState run, string format, DirectoryInfo target, CancellationToken cancellationToken)
    {
        var job = run.Jobs.FindLast(each => each is { Kind: JobKind.ExportSparse, Output: not null })
            ?? throw new ArgumentException(
                $"run {RunIds.Short(run.RunId)} has exported no model; choose one that `mlops status` shows as "
                + "completed, of a recipe that prunes");
        CheckEmpty(target);
        var settings = JsonNode.Parse(job.Settings)!.AsObject();
        settings["format"] = format;
        var order = new JobOrder(
            job.JobId, 1, settings.ToJsonString(), job.Uses.ToDictionary(use => use.Key, use => Find(run, use.Value)),
            run.Seed);
        var context = new JobContext(
            run.RunId, order, artifacts, new CheckpointStore(artifacts, objects, "export"), new JobNotes(note));
        // Written whole or not at all: a format that is refused leaves no half of a folder.
        using var staging = new ScratchFolder();
        await new SparseExporter().WriteAsync(context, staging.Path, cancellationToken);
        await FolderCopy.CopyAsync(staging.Path, target.FullName, cancellationToken);
        ExportedModel.AddEvaluation(target, await EvaluationAsync(run, cancellationToken));
    }

    /// <summary>Writes a folder of the format <c>pruned</c> in another format.</summary>
    /// <exception cref="InvalidDataException">It is no such folder, or the format cannot hold its plan.</exception>
    public async Task ConvertAsync(
        string source, string format, DirectoryInfo target, CancellationToken cancellationToken)
    {
        CheckEmpty(target);
        using var staging = new ScratchFolder();
        SparseExporter.Convert(
            source, Enum.Parse<ExportFormat>(format, ignoreCase: true), staging.Path, new JobNotes(note));
        await FolderCopy.CopyAsync(staging.Path, target.FullName, cancellationToken);
    }

    private static void CheckEmpty(DirectoryInfo target)
    {
        if (target.Exists && target.EnumerateFileSystemInfos().Any())
            throw new ArgumentException($"'{target.FullName}' is not empty; name another folder with --out");
    }

    private async Task<EvaluationReport?> EvaluationAsync(RunState run, CancellationToken cancellationToken) =>
        run.Jobs.FindLast(each => each is { Kind: JobKind.Evaluate, Output: not null })?.Output is { } output
            ? EvaluationReport.Load(await artifacts.FetchAsync(output, cancellationToken))
            : null;

    private static ObjectRef Find(RunState run, string name) =>
        run.Jobs.Find(job => job.JobId == name)?.Output ?? run.Inputs.GetValueOrDefault(name)
        ?? throw new ArgumentException($"the run no longer has '{name}', from which its model was exported");
}

using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Cli.Display;
using Mlops.Contracts;
using Mlops.Contracts.Evaluations;
using Mlops.Evaluation.Report;
using Mlops.Orchestrator.Api;
using Mlops.Platform.Objects;
using Mlops.SparseExport;

namespace Mlops.Cli.Hosting;

/// <summary>What a run leaves behind for people: the model, the report, and what it takes to run it again.</summary>
public sealed class RunResults(ArtifactStore artifacts, DirectoryInfo folder)
{
    private const string RecordFile = "run.json";

    private static readonly string? Version = typeof(RunResults).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>Refuses a folder whose files are not those of an earlier run.</summary>
    /// <exception cref="ArgumentException">It has others.</exception>
    public static void CheckIsFree(DirectoryInfo folder) => ResultFolder.CheckIsFree(folder, RecordFile, "run");

    /// <summary>Writes <c>model/</c> (the pruned model, or the dense one that a run only trained), the evaluation's
    /// files, <c>result.txt</c> and <c>run.json</c>.</summary>
    public async Task WriteAsync(
        RunResponse run, IReadOnlyDictionary<string, ObjectRef> made, CancellationToken cancellationToken)
    {
        if ((made.GetValueOrDefault("pruned") ?? made.GetValueOrDefault("model")) is { } model)
        {
            RemoveEarlier(ExportedModel.Model(folder));
            await CopyAsync(model, ExportedModel.Model(folder).FullName, cancellationToken);
        }

        if (made.TryGetValue("evaluation", out var evaluation))
        {
            await CopyAsync(evaluation, folder.FullName, cancellationToken);
            ExportedModel.AddEvaluation(ExportedModel.Model(folder), EvaluationReport.Load(folder.FullName));
        }

        folder.Create();
        var usage = ExportedModel.WriteResult(folder);
        if (evaluation is not null)
            AddRun(run, usage);
        var record = new
        {
            run.RunId, run.Recipe, run.Seed, run.Macs, run.Inputs, Version,
            Jobs = run.Jobs.Select(job => new
            {
                job.JobId, job.Kind, job.Uses, job.Settings, job.Output, job.Seconds, job.Cached,
            }),
        };
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, RecordFile), JsonSerializer.Serialize(record, Indented), cancellationToken);
    }

    private void AddRun(RunResponse run, string? usage)
    {
        (string, string)[] facts =
        [
            ("run", $"{run.RunId}"), ("recipe", run.Recipe), ("made by", $"mlops {Version}"),
            ("started", $"{run.Started:u}"), ("ended", $"{run.Finished:u}"), ("seed", $"{run.Seed}"),
            .. run.Inputs.Select(input => (input.Key, input.Value.Sha256)),
        ];
        HtmlReport.AddRun(
            Path.Combine(folder.FullName, HtmlReport.FileName), facts, AccountingTable.Costs(run), usage);
    }

    private async Task CopyAsync(ObjectRef artifact, string target, CancellationToken cancellationToken) =>
        await FolderCopy.CopyAsync(await artifacts.FetchAsync(artifact, cancellationToken), target, cancellationToken);

    // Weights of an earlier result in another format would lie beside the new ones, and be loaded in their place.
    private static void RemoveEarlier(DirectoryInfo model)
    {
        if (ExportRecord.Load(model.FullName) is not null)
            model.Delete(recursive: true);
    }
}

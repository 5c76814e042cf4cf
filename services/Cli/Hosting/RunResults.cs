using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Cli.Display;
using Mlops.Contracts;
using Mlops.Contracts.Evaluations;
using Mlops.Evaluation.Report;
using Mlops.Orchestrator.Api;
using Mlops.Platform.Objects;

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
    /// files, <c>result.txt</c> and <c>run.json</c>, in the place of those of an earlier run.</summary>
    public async Task WriteAsync(RunResponse run, CancellationToken cancellationToken)
    {
        RemoveEarlier();
        if ((run.OutputOf(JobKind.ExportSparse) ?? run.OutputOf(JobKind.CoFinetune)) is { } model)
            await CopyAsync(model, ExportedModel.Model(folder).FullName, cancellationToken);
        IReadOnlyList<string> files = [];
        var evaluation = run.OutputOf(JobKind.Evaluate);
        if (evaluation is not null)
        {
            files = await CopyAsync(evaluation, folder.FullName, cancellationToken);
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
            Files = files.Append(ExportedModel.ResultFile),
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

    // Returns the names of the files, without those in folders.
    private async Task<IReadOnlyList<string>> CopyAsync(
        ObjectRef artifact, string target, CancellationToken cancellationToken)
    {
        var source = await artifacts.FetchAsync(artifact, cancellationToken);
        await FolderCopy.CopyAsync(source, target, cancellationToken);
        return [.. Directory.EnumerateFiles(source).Select(file => Path.GetFileName(file))];
    }

    // Weights in another format would lie beside the new ones and be loaded in their place, and a run that evaluates
    // nothing would be shown with another's verdict.
    private void RemoveEarlier()
    {
        if (!File.Exists(Path.Combine(folder.FullName, RecordFile)))
            return;
        if (ExportedModel.Model(folder) is { Exists: true } model)
            model.Delete(recursive: true);
        using var record = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.FullName, RecordFile)));
        if (record.RootElement.TryGetProperty("files", out var files))
            foreach (var file in files.EnumerateArray())
                File.Delete(Path.Combine(folder.FullName, Path.GetFileName(file.GetString()!)));
    }
}

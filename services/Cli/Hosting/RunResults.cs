using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Contracts;
using Mlops.Orchestrator.Api;
using Mlops.Platform.Objects;

namespace Mlops.Cli.Hosting;

/// <summary>What a run leaves behind for people: the model, the report, and what it takes to run it again.</summary>
public sealed class RunResults(ArtifactStore artifacts, DirectoryInfo folder)
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>Writes <c>model/</c> (the pruned model, or the dense one that a run only trained), the evaluation's
    /// files and <c>run.json</c>.</summary>
    public async Task WriteAsync(
        RunResponse run, IReadOnlyDictionary<string, ObjectRef> made, CancellationToken cancellationToken)
    {
        if ((made.GetValueOrDefault("pruned") ?? made.GetValueOrDefault("model")) is { } model)
            await CopyAsync(model, Path.Combine(folder.FullName, "model"), cancellationToken);
        if (made.TryGetValue("evaluation", out var evaluation))
            await CopyAsync(evaluation, folder.FullName, cancellationToken);
        folder.Create();
        var record = new
        {
            run.RunId, run.Recipe, run.Seed, run.Macs, run.Inputs,
            Version = typeof(RunResults).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
                ?.InformationalVersion,
            Jobs = run.Jobs.Select(job => new
            {
                job.JobId, job.Kind, job.Uses, job.Settings, job.Output, job.Seconds, job.Cached,
            }),
        };
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "run.json"), JsonSerializer.Serialize(record, Indented), cancellationToken);
    }

    private async Task CopyAsync(ObjectRef artifact, string target, CancellationToken cancellationToken)
    {
        var source = await artifacts.FetchAsync(artifact, cancellationToken);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            // Not File.Copy: the stored files are read-only, and a result may be overwritten by the next run.
            await using var from = File.OpenRead(file);
            await using var to = File.Create(copy);
            await from.CopyToAsync(to, cancellationToken);
        }
    }
}

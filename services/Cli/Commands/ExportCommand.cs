using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Cli.Display;
using Mlops.Cli.Hosting;
using Mlops.Orchestrator.Store;
using Mlops.Orchestrator.Submission;
using Mlops.Platform.Objects;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops export WHAT --format FORMAT</c>: a pruned model in another format, without a new run.</summary>
public static class ExportCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var what = new Argument<string>("what")
        {
            Description = "A finished run's id, or enough of its beginning; or a folder in the format pruned",
        };
        var format = new Option<string>("--format") { Description = "native, pruned, padded or onnx", Required = true };
        format.AcceptOnlyFromAmong("native", "pruned", "padded", "onnx");
        var output = new Option<DirectoryInfo?>("--out")
        {
            Description = "An empty or new folder (default: runs/RECIPE-ID/model-FORMAT; for a folder FOLDER-FORMAT)",
        };
        var home = CommonOptions.Home();
        var command = new Command("export", "Write a pruned model in another format")
        {
            what, format, output, home,
        };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, async terminal =>
        {
            var (source, wanted) = (parsed.GetRequiredValue(what), parsed.GetRequiredValue(format));
            var folder = parsed.GetRequiredValue(home);
            await using var store = RunHosts.Store(folder);
            var export = new RunExport(
                store.GetRequiredService<ArtifactStore>(), store.GetRequiredService<IObjectStore>(),
                terminal.Text.WriteLine);
            DirectoryInfo target;
            if (Directory.Exists(source))
            {
                target = parsed.GetValue(output) ?? new($"{Path.TrimEndingDirectorySeparator(source)}-{wanted}");
                await export.ConvertAsync(source, wanted, target, cancellationToken);
            }
            else
            {
                var run = await new RunQueries(EmbeddedHost.HistoryFile(folder)).FindAsync(source, cancellationToken)
                    ?? throw new ArgumentException(
                        $"'{source}' is neither a folder nor the begin of a run's id; `mlops status` lists runs");
                target = parsed.GetValue(output) ?? new(Path.Combine(
                    "runs", $"{run.Recipe}-{RunIds.Short(run.RunId)}", $"model-{wanted}"));
                await export.WriteAsync(run, wanted, target, cancellationToken);
            }

            terminal.Show(
                new { Format = wanted, Folder = target.FullName },
                () => ExportedModel.WriteLine(target, terminal.Out));
            return ExitCodes.Success;
        }, cancellationToken));
        return command;
    }
}

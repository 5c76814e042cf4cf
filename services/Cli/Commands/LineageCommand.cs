using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Cli.Hosting;
using Mlops.Orchestrator.Store;
using Mlops.Orchestrator.Submission;
using Mlops.Platform.Objects;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops lineage WHAT</c>: what an artifact was made of, down to user inputs.</summary>
public static class LineageCommand
{
    private const int DigestDigits = 12, Indentation = 2;
    private const double Mebi = 1 << 20;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var what = new Argument<string>("what") { Description = "RUN, RUN/JOB, or the begin of an artifact's digest" };
        var home = CommonOptions.Home();
        var command = new Command("lineage", "Show what an artifact was made of") { what, home };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, async terminal =>
        {
            var folder = parsed.GetRequiredValue(home);
            await using var services = RunHosts.Store(folder);
            var lineage = new Lineage(
                new RunQueries(EmbeddedHost.HistoryFile(folder)), services.GetRequiredService<ArtifactStore>());
            var root = await lineage.OfAsync(parsed.GetRequiredValue(what), cancellationToken);
            terminal.Show(
                root, () => terminal.Text.WriteLine(string.Join(Environment.NewLine, Lines(root, depth: 0))));
            return ExitCodes.Success;
        }, cancellationToken));
        return command;
    }

    private static IEnumerable<string> Lines(LineageNode node, int depth) => node.Inputs
        .SelectMany(input => Lines(input, depth + 1))
        .Prepend(new string(' ', depth * Indentation) + Label(node));

    private static string Label(LineageNode node)
    {
        var role = node.Role is null ? "" : $"{node.Role}: ";
        var maker = node.RunId is { } run ? $"  produced by {RunIds.Short(run)}/{node.JobId}"
            : node.MadeBy is { } key ? $"  produced by key {key[..DigestDigits]} of another history"
            : node.Kind is null ? ""
            : "  user input";
        var size = node.Kind is null
            ? "its manifest is not in the store, or damaged"
            : string.Create(CultureInfo.InvariantCulture, $"{node.Bytes / Mebi:0.00} MiB");
        return $"{role}{node.Kind ?? "lost"} {node.Sha256[..DigestDigits]}{maker}  {size}";
    }
}

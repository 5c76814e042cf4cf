using System.CommandLine;
using Mlops.Cli.Hosting;
using Spectre.Console;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops train --data FOLDER</c>: a small dense model to prune afterwards.</summary>
public static class TrainCommand
{
    private const string Recipe = "train", Job = "model";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = InputText.Data, Required = true };
        var steps = new Option<int?>("--steps") { Description = "Optimizer steps" };
        var batch = new Option<int?>("--batch-size") { Description = "Images per step" };
        var widths = new Option<string?>("--widths") { Description = "Channels of each level, e.g. 24,48,64" };
        var seed = new Option<string?>("--seed") { Description = "Every random draw derives from it" };
        var set = new Option<string[]>("--set")
        {
            Description = "Another option of the training job: option=value; may be repeated",
        };
        var output = new Option<DirectoryInfo?>("--out") { Description = "Results (default: runs/train-ID)" };
        var (home, server) = (CommonOptions.Home(), CommonOptions.Server());
        var command = new Command("train", "Train a small dense model on images; its weights go to OUT/model")
        {
            data, steps, batch, widths, seed, set, output, home, server,
        };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, async terminal =>
        {
            string?[] options =
            [
                Option("steps", parsed.GetValue(steps)), Option("batch-size", parsed.GetValue(batch)),
                Option("widths", parsed.GetValue(widths) is { } list ? $"[{list}]" : null),
                .. (parsed.GetValue(set) ?? []).Select(setting => $"{Job}.{setting}"),
            ];
            var settings = RunRequest.Overrides(null, parsed.GetValue(seed), options.OfType<string>());
            await using var host = await RunHosts.OpenAsync(
                parsed.ServerOf(server), parsed.GetRequiredValue(home), cancellationToken);
            return await new RunSession(host, terminal).RunAsync(
                new RunRequest(Recipe, null, parsed.GetRequiredValue(data), settings), parsed.GetValue(output),
                cancellationToken);
        }, cancellationToken));
        return command;
    }

    private static string? Option(string name, object? value) => value is null ? null : $"{Job}.{name}={value}";
}

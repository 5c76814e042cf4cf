using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Cli.Display;
using Mlops.Cli.Hosting;
using Mlops.Contracts.Evaluations;
using Mlops.Platform.Objects;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops evaluate MODEL --against DENSE</c>: the evaluation of a run, for any folder.</summary>
public static class EvaluateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "A model folder, pruned or smaller" };
        var against = new Option<string>("--against") { Description = "The dense model's folder", Required = true };
        var data = new Option<string?>("--data") { Description = InputText.Data };
        var features = new Option<string?>("--features") { Description = InputText.Features };
        var seed = new Option<long>("--seed") { Description = "Every noise derives from it" };
        var set = new Option<string[]>("--set") { Description = "A setting: option=value; may be repeated" };
        var output = new Option<DirectoryInfo>("--out")
        {
            Description = "Results (default: evaluation)", DefaultValueFactory = _ => new("evaluation"),
        };
        var home = CommonOptions.Home();
        var command = new Command("evaluate", "Measure a pruned model against the dense one")
        {
            model, against, data, features, seed, set, output, home,
        };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, async terminal =>
        {
            var target = parsed.GetRequiredValue(output);
            ResultFolder.CheckIsFree(target, EvaluationReport.FileName, "evaluation");
            await using var store = RunHosts.Store(parsed.GetRequiredValue(home));
            var evaluation = new FolderEvaluation(
                store.GetRequiredService<ArtifactStore>(), store.GetRequiredService<IObjectStore>(),
                terminal.Text.WriteLine);
            await evaluation.WriteAsync(
                Existing(parsed.GetRequiredValue(model)), parsed.GetRequiredValue(against), parsed.GetValue(data),
                parsed.GetValue(features), RunRequest.Overrides(null, null, parsed.GetValue(set) ?? []),
                parsed.GetValue(seed), target, cancellationToken);
            terminal.Show(
                EvaluationReport.Load(target.FullName), () => ResultTable.Write(target, terminal.Out));
            return ExitCodes.Of(target);
        }, cancellationToken));
        return command;
    }

    private static string Existing(string folder) => Directory.Exists(folder)
        ? folder
        : throw new DirectoryNotFoundException($"'{folder}' does not exist; give a model folder");
}

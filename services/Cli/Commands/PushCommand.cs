using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Cli.Hosting;
using Mlops.Diffusion.Data;
using Mlops.Orchestrator.Submission;
using Mlops.Platform.Objects;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops push data|model|features PATH --name NAME</c>: brings what requests can name.</summary>
public static class PushCommand
{
    private const string Data = "data", Model = "model", Features = "features";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var kind = new Argument<string>("kind") { Description = "data, model or features" };
        kind.AcceptOnlyFromAmong(Data, Model, Features);
        var path = new Argument<string>("path")
        {
            Description = $"data: {InputText.Data}; model: a diffusers folder; "
                + $"features: {InputText.Features}",
        };
        var name = new Option<string?>("--name") { Description = "Such as data/cifar10 (default: KIND/last of PATH)" };
        var side = new Option<int>("--side")
        {
            Description = "data: pixels to which pictures are scaled",
            DefaultValueFactory = _ => RunInputs.DefaultSide,
        };
        var home = CommonOptions.Home();
        var command = new Command("push", "Bring data, a model or features into the object store, under a name")
        {
            kind, path, name, side, home,
        };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, async terminal =>
        {
            var source = parsed.GetRequiredValue(path);
            var target = parsed.GetValue(name) ?? $"{parsed.GetValue(kind)}/{LastOf(source)}";
            await using var store = RunHosts.Store(parsed.GetRequiredValue(home));
            var inputs = new RunInputs(store.GetRequiredService<ArtifactStore>(), terminal.Error.WriteLine);
            var reference = parsed.GetValue(kind) switch
            {
                Data => await inputs.DataAsync(source, parsed.GetValue(side), cancellationToken),
                Features => await inputs.FeaturesAsync(source, model: null, cancellationToken),
                _ => (await inputs.ModelAsync(source, data: null, cancellationToken)).Reference,
            };
            await store.GetRequiredService<IObjectStore>().SetNameAsync(target, reference, cancellationToken);
            terminal.Show(
                new { Name = target, Reference = InputNames.TextOf(reference) },
                () => terminal.Text.WriteLine($"{target}  {InputNames.TextOf(reference)}"));
            return ExitCodes.Success;
        }, cancellationToken));
        return command;
    }

    private static string LastOf(string path) => path == DataFolder.Procedural
        ? path
        : Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))).ToLowerInvariant();
}

using Mlops.Bench.Chaos;
using Mlops.Cli.Hosting;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Platform.Objects;
using Mlops.Tests.Support;
using Spectre.Console;

namespace Mlops.Tests.EndToEnd.Support;

/// <summary>The built-in data, and what comes out of it when nobody disturbs.</summary>
public static class Procedural
{
    public static Task<IReadOnlyDictionary<string, ObjectRef>> DataAsync(ArtifactStore artifacts) =>
        new RunInputs(artifacts, _ => { }).ImportAsync(
            new RunRequest("none", Model: null, "procedural", new Dictionary<string, string>()), default);

    /// <summary>The model that a training makes in one process.</summary>
    public static async Task<ObjectRef> UndisturbedAsync(string recipe)
    {
        using var folder = new TemporaryFolder();
        await using var host = await EmbeddedHost.StartAsync(new DirectoryInfo(folder.Path), default);
        var silent = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });
        var command = new StartRun(
            Guid.NewGuid(), recipe, await DataAsync(host.Artifacts), new Dictionary<string, string>());
        return (await new BaselineRuns(host, silent).RunAsync(command, default))["model"];
    }
}

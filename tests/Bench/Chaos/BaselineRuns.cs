using Mlops.Cli.Display;
using Mlops.Cli.Hosting;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Platform.Objects;
using Spectre.Console;

namespace Mlops.Bench.Chaos;

/// <summary>The same runs, undisturbed and in one process: what the others are compared with.</summary>
public sealed class BaselineRuns(EmbeddedHost host, IAnsiConsole console)
{
    /// <summary>The artifacts that all runs start from: data and a tiny trained model.</summary>
    public async Task<IReadOnlyDictionary<string, ObjectRef>> InputsAsync(CancellationToken cancellationToken)
    {
        var request = new RunRequest(ShortRun.Recipe, Model: null, "procedural", ShortRun.WithModel());
        var inputs = await new RunInputs(host.Artifacts, console.WriteLine).ImportAsync(request, cancellationToken);
        var made = await RunAsync(ShortRun.Command(inputs, request.Settings), cancellationToken);
        return new Dictionary<string, ObjectRef>(inputs) { ["model"] = made["model"] };
    }

    /// <summary>What a run makes: job to artifact.</summary>
    public async Task<IReadOnlyDictionary<string, ObjectRef>> RunAsync(
        StartRun command, CancellationToken cancellationToken) =>
        await new RunSession(host, new Terminal(console, Console.Error)).ExecuteAsync(command, cancellationToken) switch
        {
            RunOutcome.Completed completed => completed.Artifacts,
            RunOutcome.Failed failed => throw new InvalidDataException(failed.Reason),
            _ => throw new OperationCanceledException(),
        };

    /// <summary>Copies an artifact with its manifest as it is, so that it keeps its reference.</summary>
    public async Task CopyAsync(ObjectRef artifact, IObjectStore target, CancellationToken cancellationToken)
    {
        var manifest = await host.Artifacts.ReadManifestAsync(artifact, cancellationToken);
        foreach (var reference in manifest.Files.Values.Append(artifact))
        {
            await using var content = await host.Get<IObjectStore>().OpenAsync(reference, cancellationToken);
            await target.PutAsync(content, cancellationToken);
        }
    }
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Diffusion.Data;
using Mlops.Orchestrator.Submission;
using Mlops.Platform.Objects;

namespace Mlops.Cli.Hosting;

/// <summary>Gives the built-in data the name by which requests that name none get it.</summary>
internal sealed class BuiltInData(
    ArtifactStore artifacts, IObjectStore store, ILogger<BuiltInData> log) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var inputs = new RunInputs(artifacts, note => log.LogInformation("{Note}", note));
        var data = await inputs.DataAsync(DataFolder.Procedural, RunInputs.DefaultSide, cancellationToken);
        await store.TryCreateNameAsync(InputNames.DefaultData, data, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

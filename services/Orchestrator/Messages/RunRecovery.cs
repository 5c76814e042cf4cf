using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Orchestrator.History;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.Messages;

/// <summary>Takes up, at start, every run that was under way when the process ended.</summary>
internal sealed class RunRecovery(
    RunHistory history, RunDecisions decisions, OrchestratorOptions options, ILogger<RunRecovery> log) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var stillToSend = await history.HastenAsync(cancellationToken);
        if (!options.BusForgets)
            return;
        foreach (var runId in await history.OpenRunsAsync(cancellationToken))
        {
            log.LogInformation("Taking up run {RunId}", runId);
            await history.ApplyAsync(
                runId, messageId: null,
                state =>
                {
                    var decision = decisions.Recover(state, history.Now);
                    return decision.Messages.Any(message => message.Key is { } key && stillToSend.Contains(key))
                        ? Decision.Nothing
                        : decision;
                },
                cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Orchestrator.Handlers;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Store;

namespace Mlops.Orchestrator.Background;

/// <summary>Goes on, at start, with every run that was under way when the process ended.</summary>
internal sealed class RunRecovery(
    StateStore store, Outbox outbox, OpenWork open, RunTransitions runs, RunDecisions decisions,
    OrchestratorOptions options, ILogger<RunRecovery> log) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var stillToSend = await outbox.FlushDelayedAsync(cancellationToken);
        if (!options.BusForgets)
            return;
        foreach (var runId in await open.RunsAsync(cancellationToken))
        {
            log.LogInformation("Recovering run {RunId}", runId);
            await runs.ApplyAsync(
                runId, messageId: null,
                state =>
                {
                    var decision = decisions.Recover(state, store.Now);
                    return decision.Messages.Any(message => message.Key is { } key && stillToSend.Contains(key))
                        ? Decision.None
                        : decision;
                },
                cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

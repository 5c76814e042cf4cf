using MassTransit;
using Mlops.Contracts;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Store;
using Mlops.Platform.Telemetry;

namespace Mlops.Orchestrator.Handlers;

/// <summary>Accepts the results of jobs of one kind.</summary>
public sealed class JobResultConsumer<TEvent>(StateStore store, RunTransitions runs, RunDecisions decisions)
    : IConsumer<TEvent>
    where TEvent : class, IJobEvent
{
    public async Task Consume(ConsumeContext<TEvent> context)
    {
        var (runId, result) = (context.Message.RunId, context.Message.Result);
        using var span = JobTelemetry.Start(TelemetryNames.Accept, runId, result.JobId, result.Attempt);
        await runs.ApplyAsync(
            runId, context.MessageId,
            state => decisions.Complete(state, JobKinds.Of(typeof(TEvent)).Kind, result, store.Now),
            context.CancellationToken);
    }
}

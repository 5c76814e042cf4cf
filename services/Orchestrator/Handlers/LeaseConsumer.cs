using MassTransit;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Store;
using Mlops.Platform.Telemetry;

namespace Mlops.Orchestrator.Handlers;

/// <summary>Gives out leases, renews them with heartbeats, and takes them back after failures.</summary>
public sealed class LeaseConsumer(StateStore store, RunTransitions runs, RunDecisions decisions) :
    IConsumer<ClaimLease>, IConsumer<JobProgressed>, IConsumer<JobFailed>
{
    // Asked again, the same execution gets the same answer, so the inbox is not needed.
    public async Task Consume(ConsumeContext<ClaimLease> context)
    {
        var (claim, cancellationToken) = (context.Message, context.CancellationToken);
        LeaseAnswered? answer = null;
        await store.TransactAsync(
            async transaction =>
            {
                var duplicate = await JobDuplicates.IsRunningAsync(
                    transaction.Rows, claim.RunId, claim.Key, cancellationToken);
                await runs.ApplyAsync(
                    transaction, claim.RunId,
                    state =>
                    {
                        (var decision, answer) = decisions.Claim(state, claim, duplicate, transaction.Now);
                        return decision;
                    },
                    cancellationToken);
            },
            cancellationToken);
        await context.RespondAsync(answer!);
    }

    // A repeat is harmless.
    public Task Consume(ConsumeContext<JobProgressed> context) => runs.ApplyAsync(
        context.Message.RunId, messageId: null,
        state => decisions.Progress(state, context.Message, store.Now), context.CancellationToken);

    public async Task Consume(ConsumeContext<JobFailed> context)
    {
        var failed = context.Message;
        using var span = JobTelemetry.Start(TelemetryNames.Accept, failed.RunId, failed.JobId, failed.Attempt);
        await runs.ApplyAsync(
            failed.RunId, context.MessageId, state => decisions.Fail(state, failed, store.Now),
            context.CancellationToken);
    }
}

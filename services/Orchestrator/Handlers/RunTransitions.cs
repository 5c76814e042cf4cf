using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Schedules;
using Mlops.Orchestrator.Store;
using Mlops.Platform.Errors;

namespace Mlops.Orchestrator.Handlers;

/// <summary>
/// Applies decisions to runs, and in the same transaction what follows for others: jobs that waited for a duplicate are
/// released, and an occurrence that waited for the end of a run is started.
/// </summary>
public sealed class RunTransitions(StateStore store, RunDecisions decisions, RunPlanner planner)
{
    /// <summary>Applies a decision in a transaction of its own.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="messageId">
    /// A second message of the same id changes nothing; null for what is harmless to repeat.
    /// </param>
    /// <param name="decide">Pure; gets the state, or null for an unknown run.</param>
    public Task ApplyAsync(
        Guid runId, Guid? messageId, Func<RunState?, Decision> decide, CancellationToken cancellationToken) =>
        store.TransactAsync(
            async transaction =>
            {
                if (await transaction.IsNewAsync(messageId, cancellationToken))
                    await ApplyAsync(transaction, runId, decide, cancellationToken);
            },
            cancellationToken);

    /// <summary>Ends a run.</summary>
    public Task CancelAsync(CancelRun command, Guid? messageId, CancellationToken cancellationToken) => ApplyAsync(
        command.RunId, messageId, state => decisions.Cancel(state, command, store.Now), cancellationToken);

    /// <summary>Goes on with a run that had ended without its result.</summary>
    public Task ResumeAsync(ResumeRun command, Guid? messageId, CancellationToken cancellationToken) => ApplyAsync(
        command.RunId, messageId, state => decisions.Resume(state, store.Now), cancellationToken);

    /// <summary>Applies a decision in a transaction that does more.</summary>
    internal async Task ApplyAsync(
        StateTransaction transaction, Guid runId, Func<RunState?, Decision> decide,
        CancellationToken cancellationToken)
    {
        var before = await transaction.FindRunAsync(runId, cancellationToken);
        var decision = decide(before);
        await transaction.SaveAsync(runId, decision, cancellationToken);
        // A result serves all duplicates at once; without one, the next in line makes it.
        if (JobDuplicates.EndedWork(before, decision.State) is var (key, isCompleted))
            await ReleaseAsync(transaction, key, isCompleted ? int.MaxValue : 1, cancellationToken);
        if (before is { HasEnded: false } && decision.State is { HasEnded: true }
            && await transaction.Rows.Occurrences.FindAsync([runId], cancellationToken) is { } occurrence)
            await DecideAsync(transaction, occurrence.Schedule, ScheduleDecisions.OnRunEnded, cancellationToken);
    }

    /// <summary>Sends jobs again that wait for a duplicate with this key, the oldest first.</summary>
    internal async Task ReleaseAsync(
        StateTransaction transaction, string key, int atMost, CancellationToken cancellationToken)
    {
        foreach (var job in await JobDuplicates.WaitingAsync(transaction.Rows, key, atMost, cancellationToken))
            await ApplyAsync(
                transaction, job.RunId, state => decisions.Release(state, job.State.JobId, transaction.Now),
                cancellationToken);
    }

    /// <summary>Applies a decision about a schedule: keeps its occurrences, cancels and starts runs.</summary>
    /// <returns>The occurrences as they were kept.</returns>
    internal async Task<IReadOnlyList<Occurrence>> DecideAsync(
        StateTransaction transaction, string schedule, Func<ScheduleState, ScheduleDecision> decide,
        CancellationToken cancellationToken)
    {
        var decision = decide(await ScheduleStore.StateAsync(transaction, schedule, cancellationToken));
        var kept = decision.Occurrences.ToDictionary(each => each.RunId);
        foreach (var occurrence in decision.Occurrences)
            await ScheduleStore.PutAsync(transaction, occurrence, cancellationToken);
        await transaction.Rows.SaveChangesAsync(cancellationToken);
        foreach (var command in decision.Commands)
            if (command is CancelRun cancel)
                await ApplyAsync(
                    transaction, cancel.RunId, state => decisions.Cancel(state, cancel, transaction.Now),
                    cancellationToken);
            else if (command is StartRun start
                && await StartAsync(transaction, start, cancellationToken) is { } reason)
                kept[start.RunId] = await RefuseAsync(
                    transaction, kept[start.RunId], reason, cancellationToken);
        return [.. kept.Values];
    }

    /// <returns>Why there is no such run; null if there is one now.</returns>
    private async Task<string?> StartAsync(
        StateTransaction transaction, StartRun command, CancellationToken cancellationToken)
    {
        try
        {
            var planned = planner.Plan(command, transaction.Now);
            await ApplyAsync(
                transaction, command.RunId, state => decisions.Start(state, planned, transaction.Now),
                cancellationToken);
            return null;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidDataException)
        {
            // A recipe may have changed since the schedule was added: that ends its occurrence, not the transaction.
            return Failures.ReasonOf(exception);
        }
    }

    private async Task<Occurrence> RefuseAsync(
        StateTransaction transaction, Occurrence occurrence, string reason, CancellationToken cancellationToken)
    {
        var refused = occurrence with { Status = OccurrenceStatus.Refused, Reason = reason };
        await ScheduleStore.PutAsync(transaction, refused, cancellationToken);
        transaction.Send(occurrence.RunId, new(new RunRefused(occurrence.RunId, reason), transaction.Now));
        await transaction.Rows.SaveChangesAsync(cancellationToken);
        await DecideAsync(transaction, occurrence.Schedule, ScheduleDecisions.OnRunEnded, cancellationToken);
        return refused;
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Handlers;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Store;
using Mlops.Platform.Errors;

namespace Mlops.Orchestrator.Submission;

/// <summary>
/// The single way to start a run, from the bus, HTTP or the command line. A run whose id was answered is on the disk.
/// </summary>
public sealed class RunSubmission(
    StateStore store, RunTransitions runs, RunPlanner planner, RunDecisions decisions, ILogger<RunSubmission> log)
{
    /// <summary>Starts the run, or says which one it is already, or why there is none.</summary>
    /// <param name="command">What is to run.</param>
    /// <param name="digest">
    /// Of the request as it was written, so that a repeat is told from something else under the same id; null if the
    /// sender chose the id for this run alone.
    /// </param>
    public async Task<SubmissionResult> SubmitAsync(
        StartRun command, string? digest, CancellationToken cancellationToken)
    {
        try
        {
            var planned = planner.Plan(command, store.Now);
            log.LogInformation(
                "Run {RunId} of recipe {Recipe} has {Jobs} jobs", command.RunId, planned.Recipe, planned.Jobs.Count);
            SubmissionResult? earlier = null;
            await store.TransactAsync(
                async transaction =>
                {
                    earlier = await EarlierAsync(transaction.Rows, command.RunId, digest, cancellationToken);
                    if (earlier is not null)
                        return;
                    if (digest is not null)
                        transaction.Rows.Requests.Add(new RequestRow { RunId = command.RunId, Digest = digest });
                    await runs.ApplyAsync(
                        transaction, command.RunId, state => decisions.Start(state, planned, store.Now),
                        cancellationToken);
                },
                cancellationToken);
            return earlier ?? new(command.RunId, SubmissionStatus.Started);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidDataException)
        {
            // The boundary where a bad request becomes an answer.
            return Refused(command.RunId, Failures.ReasonOf(exception));
        }
    }

    /// <summary>The answer to what was submitted before; null if nothing was.</summary>
    internal async Task<SubmissionResult?> EarlierAsync(
        Guid runId, string digest, CancellationToken cancellationToken)
    {
        await using var rows = store.Read();
        return await EarlierAsync(rows, runId, digest, cancellationToken);
    }

    /// <summary>The answer that there is no such run.</summary>
    internal SubmissionResult Refused(Guid runId, string reason)
    {
        log.LogWarning("Run {RunId} is refused: {Reason}", runId, reason);
        return new(runId, SubmissionStatus.Refused, reason);
    }

    /// <summary>Announces a refusal on the bus, once for each message.</summary>
    internal Task AnnounceAsync(SubmissionResult result, Guid? messageId, CancellationToken cancellationToken) =>
        result.Reason is not { } reason
            ? Task.CompletedTask
            : store.TransactAsync(
                async transaction =>
                {
                    if (await transaction.IsNewAsync(messageId, cancellationToken))
                        transaction.Send(
                            result.RunId, new(new RunRefused(result.RunId, reason), transaction.Now));
                },
                cancellationToken);

    private async Task<SubmissionResult?> EarlierAsync(
        StoreContext rows, Guid runId, string? digest, CancellationToken cancellationToken)
    {
        var request = await rows.Requests.FindAsync([runId], cancellationToken);
        if (request is null && !await rows.Runs.AnyAsync(run => run.RunId == runId, cancellationToken))
            return null;
        // A run that was started without a request has no digest to compare with.
        if (digest is null || request?.Digest == digest)
            return new(runId, SubmissionStatus.Repeated);
        var reason = $"run {runId} was asked for with other content before; repeat that, or choose another key";
        log.LogWarning("Run {RunId} is refused: {Reason}", runId, reason);
        return new(runId, SubmissionStatus.Conflicting, reason);
    }
}

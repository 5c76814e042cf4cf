using Microsoft.Extensions.Logging;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.History;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Runs;
using Mlops.Platform.Telemetry;

namespace Mlops.Orchestrator.Messages;

/// <summary>Brings each message together with the state of its run and the decision that it calls for.</summary>
public sealed class RunMessages(
    RunHistory history, RunDecisions decisions, RunPlanner planner, ILogger<RunMessages> log)
{
    /// <summary>Plans and starts a run, or refuses it with a reason.</summary>
    public Task HandleAsync(StartRun message, Guid? messageId, CancellationToken cancellationToken)
    {
        try
        {
            var planned = planner.Plan(message, history.Now);
            log.LogInformation(
                "Run {RunId} of recipe {Recipe} has {Jobs} jobs", message.RunId, planned.Recipe, planned.Jobs.Count);
            return history.ApplyAsync(
                message.RunId, messageId, state => decisions.Start(state, planned, history.Now), cancellationToken);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidDataException)
        {
            // The boundary where a bad request becomes an answer.
            log.LogWarning("Run {RunId} is refused: {Reason}", message.RunId, exception.Message);
            var refused = new RunRefused(message.RunId, exception.Message);
            return history.ApplyAsync(
                message.RunId, messageId,
                state => state is null ? new Decision(null, [new(refused, history.Now)]) : Decision.Nothing,
                cancellationToken);
        }
    }

    /// <summary>Takes up a run that had ended without its result.</summary>
    public Task HandleAsync(ResumeRun message, Guid? messageId, CancellationToken cancellationToken) =>
        history.ApplyAsync(message.RunId, messageId, state => decisions.Resume(state, history.Now), cancellationToken);

    /// <summary>Ends a run.</summary>
    public Task HandleAsync(CancelRun message, Guid? messageId, CancellationToken cancellationToken) =>
        history.ApplyAsync(
            message.RunId, messageId, state => decisions.Cancel(state, message, history.Now), cancellationToken);

    /// <summary>
    /// Answers a claim; asked again, the same execution gets the same answer, so the inbox is not needed.
    /// </summary>
    public async Task<LeaseAnswered> HandleAsync(ClaimLease message, CancellationToken cancellationToken)
    {
        LeaseAnswered? answer = null;
        await history.ApplyAsync(
            message.RunId, message.Key,
            (state, twin) =>
            {
                (var decision, answer) = decisions.Claim(state, message, twin, history.Now);
                return decision;
            },
            cancellationToken);
        return answer!;
    }

    /// <summary>Renews a lease; a repeat is harmless.</summary>
    public Task HandleAsync(JobProgressed message, CancellationToken cancellationToken) =>
        history.ApplyAsync(
            message.RunId, messageId: null, state => decisions.Progress(state, message, history.Now),
            cancellationToken);

    /// <summary>Accepts a result.</summary>
    public async Task HandleAsync(
        Guid runId, JobKind kind, JobResult result, Guid? messageId, CancellationToken cancellationToken)
    {
        using var span = JobTelemetry.Start(TelemetryNames.Accept, runId, result.JobId, result.Attempt);
        await history.ApplyAsync(
            runId, messageId, state => decisions.Complete(state, kind, result, history.Now), cancellationToken);
    }

    /// <summary>Tries again, or ends the run.</summary>
    public async Task HandleAsync(JobFailed message, Guid? messageId, CancellationToken cancellationToken)
    {
        using var span = JobTelemetry.Start(TelemetryNames.Accept, message.RunId, message.JobId, message.Attempt);
        await history.ApplyAsync(
            message.RunId, messageId, state => decisions.Fail(state, message, history.Now), cancellationToken);
    }
}

using Mlops.Contracts.Commands;
using Mlops.Orchestrator.History;

namespace Mlops.Orchestrator;

/// <summary>
/// Hands commands to the orchestrator of this very process. They are on the disk when the call returns, so that a kill
/// right after it loses nothing, which publishing on an in-memory bus could not promise.
/// </summary>
/// <param name="history">Keeps them.</param>
public sealed class RunQueue(RunHistory history)
{
    /// <summary>Starts a run; its events tell whether it was accepted.</summary>
    public Task StartAsync(StartRun command, CancellationToken cancellationToken) =>
        history.EnqueueAsync(command.RunId, command, cancellationToken);

    /// <summary>Takes up a run that was cancelled or has failed.</summary>
    public Task ResumeAsync(Guid runId, CancellationToken cancellationToken) =>
        history.EnqueueAsync(runId, new ResumeRun(runId), cancellationToken);

    /// <summary>Ends a run; its worker saves a checkpoint first.</summary>
    public Task CancelAsync(Guid runId, string reason, CancellationToken cancellationToken) =>
        history.EnqueueAsync(runId, new CancelRun(runId, reason), cancellationToken);
}

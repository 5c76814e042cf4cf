using Microsoft.EntityFrameworkCore;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.Store;

/// <summary>One unit of work on the store: all that is saved and sent in it is kept, or nothing.</summary>
public sealed class StateTransaction
{
    private readonly TimeProvider _time;

    internal StateTransaction(StoreContext rows, TimeProvider time) => (Rows, _time) = (rows, time);

    /// <summary>Now, in Unix milliseconds.</summary>
    public long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    internal StoreContext Rows { get; }

    /// <summary>Whether it leaves something to send.</summary>
    internal bool HasMessages { get; set; }

    /// <summary>Whether a run has come to its result in it.</summary>
    internal bool HasCompletedRun { get; private set; }

    /// <summary>Whether this message was not acted on before; from now on it counts as acted on.</summary>
    /// <param name="messageId">Null for what is harmless to repeat.</param>
    internal async Task<bool> IsNewAsync(Guid? messageId, CancellationToken cancellationToken)
    {
        if (messageId is not { } id)
            return true;
        if (await Rows.Inbox.AnyAsync(row => row.MessageId == id, cancellationToken))
            return false;
        Rows.Inbox.Add(new InboxRow { MessageId = id, ReceivedMs = Now });
        return true;
    }

    /// <summary>A run with its open attempt; null if there is none.</summary>
    internal async Task<RunState?> FindRunAsync(Guid runId, CancellationToken cancellationToken)
    {
        if (await Rows.Runs.SingleOrDefaultAsync(run => run.RunId == runId, cancellationToken) is not { } run)
            return null;
        return run.With(
            await Rows.Jobs.Where(job => job.RunId == runId).ToListAsync(cancellationToken),
            await Rows.Attempts.Where(attempt => attempt.RunId == runId && attempt.State.EndedMs == null)
                .ToListAsync(cancellationToken));
    }

    /// <summary>Keeps what was decided about a run, and what is to be sent because of it.</summary>
    internal async Task SaveAsync(Guid runId, Decision decision, CancellationToken cancellationToken)
    {
        if (decision.State is { } state)
            await SaveAsync(state, cancellationToken);
        foreach (var message in decision.Messages)
            Send(runId, message);
        HasCompletedRun |= decision.State is { Status: RunStatus.Completed };
        // What is asked for next in this transaction has to see it.
        await Rows.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Adds a message to the outbox.</summary>
    internal void Send(Guid runId, OutboxMessage message)
    {
        Rows.Outbox.Add(OutboxRow.From(runId, message));
        HasMessages = true;
    }

    private async Task SaveAsync(RunState state, CancellationToken cancellationToken)
    {
        if (await Rows.Runs.FindAsync([state.RunId], cancellationToken) is { } kept)
            Rows.Entry(kept).CurrentValues.SetValues(state);
        else
            Rows.Runs.Add(state with { });
        for (var position = 0; position < state.Jobs.Count; position++)
            if (await Rows.Jobs.FindAsync([state.RunId, position], cancellationToken) is { } job)
                job.State = state.Jobs[position];
            else
                Rows.Jobs.Add(new JobRow { RunId = state.RunId, Position = position, State = state.Jobs[position] });
        foreach (var attempt in state.Attempts)
            if (await Rows.Attempts.FindAsync([state.RunId, attempt.Number], cancellationToken) is { } row)
                row.State = attempt;
            else
                Rows.Attempts.Add(new AttemptRow { RunId = state.RunId, Number = attempt.Number, State = attempt });
    }
}

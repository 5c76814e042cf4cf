using Microsoft.EntityFrameworkCore;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.Store;

/// <summary>The outbox: messages that were decided and are to be sent, each at its time.</summary>
public sealed class Outbox(StateStore store)
{
    private const int LongestPauseMs = 60_000;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(10);

    // Sent, but the disk would not let them be forgotten; only the one who drains looks here.
    private readonly HashSet<Guid> _sent = [];

    /// <summary>Takes in a message as durably as if a broker had it; it is published soon.</summary>
    public Task EnqueueAsync(Guid runId, object message, CancellationToken cancellationToken) => store.TransactAsync(
        transaction =>
        {
            transaction.Send(runId, new OutboxMessage(message, transaction.Now));
            return Task.CompletedTask;
        },
        cancellationToken);

    /// <summary>Attempts whose command is still to be sent; they become due at once.</summary>
    internal async Task<HashSet<string>> FlushDelayedAsync(CancellationToken cancellationToken)
    {
        var keys = new HashSet<string>();
        await store.TransactAsync(
            async transaction =>
            {
                var now = transaction.Now;
                var commands = transaction.Rows.Outbox.Where(row => row.Key != null);
                keys = await commands.Select(row => row.Key!).ToHashSetAsync(cancellationToken);
                await commands.Where(row => row.DueMs > now).ExecuteUpdateAsync(
                    changes => changes.SetProperty(row => row.DueMs, now), cancellationToken);
                transaction.HasMessages = true;
            },
            cancellationToken);
        return keys;
    }

    /// <summary>
    /// Sends due messages in order and forgets those that were sent; one that cannot be sent holds up no other. A kill
    /// before they are forgotten sends them again under the same ids, which receivers know.
    /// </summary>
    /// <returns>How many were due.</returns>
    internal async Task<int> DrainAsync(
        Func<OutboxRow, CancellationToken, Task> send, Action<OutboxRow, Exception> report,
        CancellationToken cancellationToken)
    {
        var due = await DueAsync(cancellationToken);
        if (due.Count == 0)
            return 0;
        _sent.IntersectWith(due.Select(row => row.MessageId));
        foreach (var row in due)
            if (!_sent.Contains(row.MessageId) && await TrySendAsync(row, send, report, cancellationToken))
                _sent.Add(row.MessageId);
        await store.TransactAsync(
            transaction =>
            {
                transaction.Rows.Outbox.RemoveRange(due.Where(row => _sent.Contains(row.MessageId)));
                transaction.Rows.Outbox.UpdateRange(due.Where(row => !_sent.Contains(row.MessageId)));
                return Task.CompletedTask;
            },
            cancellationToken);
        return due.Count;
    }

    private async Task<List<OutboxRow>> DueAsync(CancellationToken cancellationToken)
    {
        const int batch = 100;
        var now = store.Now;
        // Nothing waits for longer on purpose: such a row is from before the clock was put back.
        var furthest = now + (long)LongestDelay.TotalMilliseconds;
        await using var rows = store.Read();
        return await rows.Outbox.AsNoTracking().Where(row => row.DueMs <= now || row.DueMs > furthest)
            .OrderBy(row => row.DueMs).ThenBy(row => row.Id).Take(batch).ToListAsync(cancellationToken);
    }

    private async Task<bool> TrySendAsync(
        OutboxRow row, Func<OutboxRow, CancellationToken, Task> send, Action<OutboxRow, Exception> report,
        CancellationToken cancellationToken)
    {
        try
        {
            await send(row, cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The boundary to the transport: the message stays and is tried again.
            report(row, exception);
            row.DueMs = store.Now + Math.Min(LongestPauseMs, 1000L << Math.Min(row.Failures++, 10));
            return false;
        }
    }
}

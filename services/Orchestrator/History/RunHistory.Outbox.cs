using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.History;

/// <summary>The outbox: messages that were decided and are to be sent, each at its time.</summary>
public sealed partial class RunHistory
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(10);

    // Sent, but the disk would not let them be forgotten; only the one who drains looks here.
    private readonly HashSet<Guid> _sent = [];

    /// <summary>Attempts whose command is still to be sent; they become due at once.</summary>
    internal async Task<HashSet<string>> HastenAsync(CancellationToken cancellationToken)
    {
        var (now, keys) = (Now, new HashSet<string>());
        await WriteAsync(
            async history =>
            {
                var commands = history.Outbox.Where(row => row.Key != null);
                keys = await commands.Select(row => row.Key!).ToHashSetAsync(cancellationToken);
                await commands.Where(row => row.DueMs > now).ExecuteUpdateAsync(
                    changes => changes.SetProperty(row => row.DueMs, now), cancellationToken);
                return true;
            },
            cancellationToken);
        return keys;
    }

    /// <summary>
    /// Sends due messages in order and forgets those that were sent; one that cannot be sent holds up no other. A kill
    /// before they are forgotten sends them again under the same ids, which receivers know.
    /// </summary>
    /// <returns>How many were due.</returns>
    internal async Task<int> DrainOutboxAsync(
        Func<OutboxRow, CancellationToken, Task> send, Action<OutboxRow, Exception> report,
        CancellationToken cancellationToken)
    {
        const int batch = 100;
        List<OutboxRow> due;
        var now = Now;
        // Nothing waits for longer on purpose: such a row is from before the clock was put back.
        var furthest = now + (long)LongestDelay.TotalMilliseconds;
        await using (var history = new HistoryContext(_options))
            due = await history.Outbox.AsNoTracking().Where(row => row.DueMs <= now || row.DueMs > furthest)
                .OrderBy(row => row.DueMs).ThenBy(row => row.Id).Take(batch).ToListAsync(cancellationToken);
        if (due.Count == 0)
            return 0;
        _sent.IntersectWith(due.Select(row => row.MessageId));
        foreach (var row in due)
            if (!_sent.Contains(row.MessageId) && await TrySendAsync(row, send, report, cancellationToken))
                _sent.Add(row.MessageId);
        await WriteAsync(
            history =>
            {
                history.Outbox.RemoveRange(due.Where(row => _sent.Contains(row.MessageId)));
                history.Outbox.UpdateRange(due.Where(row => !_sent.Contains(row.MessageId)));
                return Task.FromResult(false);
            },
            cancellationToken);
        return due.Count;
    }

    private async Task<bool> TrySendAsync(
        OutboxRow row, Func<OutboxRow, CancellationToken, Task> send, Action<OutboxRow, Exception> report,
        CancellationToken cancellationToken)
    {
        const int longestPauseMs = 60_000;
        try
        {
            await send(row, cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The boundary to the transport: the message stays and is tried again.
            report(row, exception);
            row.DueMs = Now + Math.Min(longestPauseMs, 1000L << Math.Min(row.Failures++, 10));
            return false;
        }
    }

    /// <summary>Waits until a message was added or the time is over.</summary>
    internal async Task WaitForOutboxAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(atMost, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _outboxChanged.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
        }
    }

    private void Wake()
    {
        try
        {
            _outboxChanged.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else woke the dispatcher in the same instant.
        }
    }

    private static OutboxRow ToRow(Guid runId, Outgoing outgoing) => new()
    {
        MessageId = Guid.NewGuid(), RunId = runId, Type = outgoing.Message.GetType().FullName!,
        Body = JsonSerializer.Serialize(outgoing.Message, outgoing.Message.GetType(), RowMapping.Json),
        Key = outgoing.Key, DueMs = outgoing.DueMs,
    };

    /// <summary>The message of a row.</summary>
    internal static object Message(OutboxRow row)
    {
        var type = typeof(ObjectRef).Assembly.GetType(row.Type)
            ?? throw new InvalidDataException($"the outbox holds a message of the unknown type '{row.Type}'");
        return JsonSerializer.Deserialize(row.Body, type, RowMapping.Json)!;
    }
}

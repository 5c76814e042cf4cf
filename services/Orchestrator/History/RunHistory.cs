using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Mlops.Orchestrator.Runs;
using Mlops.Platform.Faults;

namespace Mlops.Orchestrator.History;

/// <summary>
/// The durable state of all runs. A message changes it in one transaction: inbox entry, new state and outgoing messages
/// are all kept or none of them, so a kill at any moment neither loses nor repeats a step.
/// </summary>
public sealed partial class RunHistory : IDisposable
{
    private static readonly TimeSpan InboxMemory = TimeSpan.FromDays(7);

    private readonly DbContextOptions<HistoryContext> _options;
    private readonly HistoryLock _lock;
    private readonly TimeProvider _time;
    private readonly RunDecisions _decisions;
    private readonly GroupCommit _writer;

    private readonly SemaphoreSlim _outboxChanged = new(0, 1);

    /// <summary>Opens the history and keeps others from opening it.</summary>
    /// <exception cref="ArgumentException">Another process owns it.</exception>
    /// <exception cref="InvalidDataException">It is damaged or of another version.</exception>
    public RunHistory(OrchestratorOptions options, TimeProvider time, FaultPlan? faults = null)
    {
        (_time, _decisions) = (time, new RunDecisions(options));
        _lock = HistoryLock.Take(options.HistoryFile);
        try
        {
            _options = HistoryFile.OpenForWriting(options.HistoryFile, faults);
            _writer = new GroupCommit(_options);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>Now, in Unix milliseconds.</summary>
    public long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Whether the latest change could be kept.</summary>
    internal bool IsWritable { get; private set; } = true;

    /// <summary>Finds out whether changes can be kept, and leaves none.</summary>
    internal Task TryWritingAsync(CancellationToken cancellationToken) =>
        WriteAsync(
            async history =>
            {
                var row = new InboxRow { MessageId = Guid.NewGuid(), ReceivedMs = Now };
                history.Inbox.Add(row);
                await history.SaveChangesAsync(cancellationToken);
                history.Inbox.Remove(row);
                return false;
            },
            cancellationToken);

    /// <summary>Applies a decision to a run.</summary>
    /// <param name="messageId">
    /// A second message of the same id changes nothing; null for what is harmless to repeat.
    /// </param>
    /// <param name="decide">Pure; gets the state, or null for an unknown run.</param>
    public async Task ApplyAsync(
        Guid runId, Guid? messageId, Func<RunState?, Decision> decide, CancellationToken cancellationToken)
    {
        await WriteAsync(
            async history =>
            {
                if (messageId is { } id && !await RememberAsync(history, id, cancellationToken))
                    return false;
                return await ApplyAsync(history, runId, decide, cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>Takes in a message as durably as if a broker had it; it is published soon.</summary>
    public Task EnqueueAsync(Guid runId, object message, CancellationToken cancellationToken) =>
        WriteAsync(
            history =>
            {
                history.Outbox.Add(ToRow(runId, new Outgoing(message, Now)));
                return Task.FromResult(true);
            },
            cancellationToken);

    /// <summary>Runs that are under way.</summary>
    internal async Task<List<Guid>> OpenRunsAsync(CancellationToken cancellationToken)
    {
        await using var history = new HistoryContext(_options);
        return await history.Runs
            .Where(run => run.Status == RunStatus.Running || run.Status == RunStatus.Cancelling)
            .Select(run => run.RunId).ToListAsync(cancellationToken);
    }

    /// <summary>
    /// Jobs whose lease has run out, or reaches so far that it must be from before the clock was put back.
    /// </summary>
    internal async Task<List<JobRow>> SilentJobsAsync(TimeSpan lease, CancellationToken cancellationToken)
    {
        var now = Now;
        var furthest = now + (long)(lease + RunDecisions.LargestClockDrift).TotalMilliseconds;
        await using var history = new HistoryContext(_options);
        return await history.Jobs.AsNoTracking()
            .Where(job => job.Status == JobStatus.Running)
            .Where(job => job.LeaseUntilMs <= now || job.LeaseUntilMs > furthest).ToListAsync(cancellationToken);
    }

    /// <summary>Forgets messages so old that no second delivery can still come.</summary>
    internal Task ForgetOldMessagesAsync(CancellationToken cancellationToken)
    {
        var before = Now - (long)InboxMemory.TotalMilliseconds;
        return WriteAsync(
            async history =>
            {
                await history.Inbox.Where(row => row.ReceivedMs < before).ExecuteDeleteAsync(cancellationToken);
                return false;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Only its own connections: other histories of this process go on.
        using (var history = new HistoryContext(_options))
            SqliteConnection.ClearPool((SqliteConnection)history.Database.GetDbConnection());
        _lock.Dispose();
        _writer.Dispose();
        _outboxChanged.Dispose();
    }

    private async Task WriteAsync(Func<HistoryContext, Task<bool>> change, CancellationToken cancellationToken)
    {
        var wake = false;
        try
        {
            await _writer.WriteAsync(async history => wake = await change(history), cancellationToken);
            IsWritable = true;
        }
        catch (Exception exception) when (exception is DbUpdateException or DbException or IOException)
        {
            IsWritable = false;
            throw;
        }
        if (wake && _outboxChanged.CurrentCount == 0)
            Wake();
    }

    /// <summary>Whether there is something to send.</summary>
    private async Task<bool> ApplyAsync(
        HistoryContext history, Guid runId, Func<RunState?, Decision> decide, CancellationToken cancellationToken)
    {
        var row = await history.Runs.Include(run => run.Jobs)
            .Include(run => run.Attempts.Where(attempt => attempt.EndedMs == null))
            .SingleOrDefaultAsync(run => run.RunId == runId, cancellationToken);
        var before = row is null ? null : RowMapping.ToState(row);
        var decision = decide(before);
        if (decision.State is { } state && row is null)
            history.Runs.Add(RowMapping.ToRow(state));
        else if (decision.State is { } changed)
            RowMapping.Update(row!, changed);
        history.Outbox.AddRange(decision.Messages.Select(message => ToRow(runId, message)));
        var released = await ReleaseTwinsAsync(history, before, decision.State, cancellationToken);
        return released || decision.Messages.Count > 0;
    }

    private async Task<bool> RememberAsync(HistoryContext history, Guid messageId, CancellationToken cancellationToken)
    {
        if (await history.Inbox.AnyAsync(row => row.MessageId == messageId, cancellationToken))
            return false;
        history.Inbox.Add(new InboxRow { MessageId = messageId, ReceivedMs = Now });
        return true;
    }
}

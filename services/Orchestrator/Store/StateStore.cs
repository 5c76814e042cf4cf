using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Mlops.Orchestrator.Store;

/// <summary>
/// The durable state of runs and schedules in one SQLite file. It changes in transactions only: what a message changes
/// and what is sent because of it are kept together or not at all, so a kill at any moment neither loses nor repeats a
/// step.
/// </summary>
public sealed class StateStore : IDisposable
{
    private readonly DbContextOptions<StoreContext> _options;
    private readonly HistoryLock _lock;
    private readonly TimeProvider _time;
    private readonly GroupCommit _writer;

    /// <summary>Opens the file and keeps others from opening it.</summary>
    /// <exception cref="ArgumentException">Another process owns it.</exception>
    /// <exception cref="InvalidDataException">It is damaged or of another version.</exception>
    public StateStore(OrchestratorOptions options, TimeProvider time, IEnumerable<IInterceptor> interceptors)
    {
        _time = time;
        _lock = HistoryLock.Take(options.HistoryFile);
        try
        {
            _options = HistoryFile.OpenForWriting(options.HistoryFile, interceptors);
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

    /// <summary>Set when a transaction left something to send.</summary>
    internal Signal MessagesAdded { get; } = new();

    /// <summary>Set when a transaction completed a run.</summary>
    internal Signal RunsCompleted { get; } = new();

    /// <summary>Whether the latest change could be kept.</summary>
    internal bool IsWritable { get; private set; } = true;

    /// <summary>Does some work in one transaction; it is on the disk when the call returns.</summary>
    /// <param name="work">May be called again, on fresh rows.</param>
    public async Task TransactAsync(Func<StateTransaction, Task> work, CancellationToken cancellationToken)
    {
        StateTransaction? done = null;
        try
        {
            await _writer.WriteAsync(
                async rows =>
                {
                    var transaction = new StateTransaction(rows, _time);
                    await work(transaction);
                    done = transaction;
                },
                cancellationToken);
            IsWritable = true;
        }
        catch (Exception exception) when (exception is DbUpdateException or DbException or IOException)
        {
            IsWritable = false;
            throw;
        }
        if (done!.HasMessages)
            MessagesAdded.Set();
        if (done.HasCompletedRun)
            RunsCompleted.Set();
    }

    /// <summary>Finds out whether changes can be kept, and leaves none.</summary>
    internal Task ProbeAsync(CancellationToken cancellationToken) => TransactAsync(
        async transaction =>
        {
            var row = new InboxRow { MessageId = Guid.NewGuid(), ReceivedMs = Now };
            transaction.Rows.Inbox.Add(row);
            await transaction.Rows.SaveChangesAsync(cancellationToken);
            transaction.Rows.Inbox.Remove(row);
        },
        cancellationToken);

    /// <summary>The rows as they are now, for reading; the caller disposes of them.</summary>
    internal StoreContext Read() => new(_options);

    /// <inheritdoc/>
    public void Dispose()
    {
        // Only its own connections: other stores of this process go on.
        using (var rows = Read())
            SqliteConnection.ClearPool((SqliteConnection)rows.Database.GetDbConnection());
        _lock.Dispose();
        _writer.Dispose();
        MessagesAdded.Dispose();
        RunsCompleted.Dispose();
    }
}

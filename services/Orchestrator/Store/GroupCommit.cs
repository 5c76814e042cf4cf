using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;

namespace Mlops.Orchestrator.Store;

/// <summary>
/// The one writer of the history. Changes that wait at the same time share a transaction, because what costs is
/// forcing it to the disk; each caller goes on once that has happened. A change that fails takes no other with it.
/// </summary>
internal sealed class GroupCommit(DbContextOptions<StoreContext> options) : IDisposable
{
    private const int LargestGroup = 64;

    private readonly ConcurrentQueue<Change> _waiting = new();

    // Waiting here is free; waiting for the database file would mean sleeping and asking again.
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>Applies a change; it is on the disk when the call returns.</summary>
    /// <param name="apply">Must bear being called again on fresh rows.</param>
    public async Task WriteAsync(Func<StoreContext, Task> apply, CancellationToken cancellationToken)
    {
        var mine = new Change(apply);
        _waiting.Enqueue(mine);
        await using (cancellationToken.Register(() => mine.Done.TrySetCanceled(cancellationToken)))
        {
            await _gate.WaitAsync(CancellationToken.None);
            try
            {
                // Others may have taken this change along, and there may be more than a group before it.
                while (!mine.Done.Task.IsCompleted)
                    await CommitAsync(Group());
            }
            finally
            {
                _gate.Release();
            }
        }

        await mine.Done.Task;
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private List<Change> Group()
    {
        var group = new List<Change>();
        while (group.Count < LargestGroup && _waiting.TryDequeue(out var change))
            if (!change.Done.Task.IsCompleted)
                group.Add(change);
        return group;
    }

    private async Task CommitAsync(IReadOnlyList<Change> group)
    {
        try
        {
            await using var history = new StoreContext(options);
            await using var transaction = await history.Database.BeginTransactionAsync();
            foreach (var change in group)
            {
                await change.Apply(history);
                await history.SaveChangesAsync();
                history.ChangeTracker.Clear();
            }

            await transaction.CommitAsync();
            foreach (var change in group)
                change.Done.TrySetResult();
        }
        catch (Exception exception) when (group is [var only])
        {
            only.Done.TrySetException(exception);
        }
        catch (Exception) when (group.Count > 1)
        {
            // Nothing of the group was kept. Each alone: only the one to blame fails.
            foreach (var change in group)
                await CommitAsync([change]);
        }
    }

    private sealed record Change(Func<StoreContext, Task> Apply)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

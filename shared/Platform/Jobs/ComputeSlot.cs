using System.Collections.Concurrent;

namespace Mlops.Platform.Jobs;

/// <summary>
/// The one place of a process where heavy computation happens: a dedicated thread, one piece of work at a time, so that
/// services in one process do not fight for the cores and native thread pools are built once. Awaits inside the work
/// come back to the same thread.
/// </summary>
public sealed class ComputeSlot : IDisposable
{
    private readonly SemaphoreSlim _free = new(1, 1);
    private readonly Lane _lane = new();
    private long _begun;

    /// <summary>Pieces of work that came so far.</summary>
    public long Begun => Interlocked.Read(ref _begun);

    /// <summary>Whether one of them runs.</summary>
    public bool IsBusy => _free.CurrentCount == 0;

    /// <summary>Waits for the slot, then runs the work on its thread.</summary>
    public async Task<TResult> RunAsync<TResult>(Func<Task<TResult>> work, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _begun);
        await _free.WaitAsync(cancellationToken);
        try
        {
            return await _lane.Run(work);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Waits for the slot, then runs the work on its thread.</summary>
    public Task RunAsync(Func<Task> work, CancellationToken cancellationToken) =>
        RunAsync(
            async () =>
            {
                await work();
                return true;
            },
            cancellationToken);

    /// <summary>Ends the thread; work that still runs is finished first, from its next await on in the pool.</summary>
    public void Dispose()
    {
        _lane.Dispose();
        _free.Dispose();
    }

    private sealed class Lane : SynchronizationContext, IDisposable
    {
        private readonly BlockingCollection<(SendOrPostCallback Call, object? State)> _calls = [];

        public Lane()
        {
            new Thread(Loop) { Name = "compute", IsBackground = true }.Start();
        }

        public Task<TResult> Run<TResult>(Func<Task<TResult>> work)
        {
            var result = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            // The caller's log scopes and span come along to the thread.
            var caller = ExecutionContext.Capture();
            Post(_ => ExecutionContext.Run(caller!, _ => Begin(), null), null);
            return result.Task;

            async void Begin()
            {
                try
                {
                    result.SetResult(await work());
                }
                catch (Exception exception)
                {
                    // The boundary of the thread: the awaiting caller gets its exception.
                    result.SetException(exception);
                }
            }
        }

        public override void Post(SendOrPostCallback d, object? state)
        {
            try
            {
                _calls.Add((d, state));
            }
            catch (InvalidOperationException)
            {
                // The thread is ending: what is left of the work must not end the process.
                base.Post(d, state);
            }
        }

        public void Dispose() => _calls.CompleteAdding();

        private void Loop()
        {
            SetSynchronizationContext(this);
            foreach (var (call, state) in _calls.GetConsumingEnumerable())
                call(state);
        }
    }
}

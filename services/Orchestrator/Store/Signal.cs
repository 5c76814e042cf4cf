namespace Mlops.Orchestrator.Store;

/// <summary>Wakes one waiting loop of this process; set twice before anybody waits, it wakes once.</summary>
internal sealed class Signal : IDisposable
{
    private readonly SemaphoreSlim _set = new(0, 1);

    public void Set()
    {
        try
        {
            if (_set.CurrentCount == 0)
                _set.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else set it in the same instant.
        }
    }

    /// <summary>Waits until it is set or the time is over.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _set.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
        }
    }

    public void Dispose() => _set.Dispose();
}

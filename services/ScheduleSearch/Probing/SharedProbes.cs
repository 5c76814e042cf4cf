using Mlops.Contracts;

namespace Mlops.ScheduleSearch.Probing;

/// <summary>
/// Keeps the last probe and its model loaded for the candidates that follow. Another probe replaces it; what candidates
/// still use is closed by the last of them.
/// </summary>
public sealed class SharedProbes : IDisposable
{
    private readonly SemaphoreSlim _loading = new(1, 1);
    private readonly Lock _counting = new();
    private Entry? _current;

    /// <summary>The scorer of a probe, loaded at most once while it
    /// is the current one; dispose what is returned.</summary>
    public async Task<Use> AcquireAsync(
        ObjectRef probe, Func<ObjectRef, CancellationToken, Task<CandidateScorer>> load,
        CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (_current?.Probe != probe)
            {
                Replace(null);
                Replace(new(probe, await load(probe, cancellationToken)));
            }

            lock (_counting)
                _current!.Users++;
            return new(this, _current);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Replace(null);
        _loading.Dispose();
    }

    private void Replace(Entry? next)
    {
        var old = _current;
        _current = next;
        if (old is not null)
            Release(old);
    }

    private void Release(Entry entry)
    {
        lock (_counting)
            if (--entry.Users > 0)
                return;
        entry.Scorer.Dispose();
    }

    /// <summary>One candidate's hold on a scorer.</summary>
    public sealed class Use(SharedProbes owner, Entry entry) : IDisposable
    {
        /// <summary>The scorer; valid until this is disposed.</summary>
        public CandidateScorer Scorer => entry.Scorer;

        /// <inheritdoc/>
        public void Dispose() => owner.Release(entry);
    }

    /// <summary>A loaded scorer and the number of those who hold it; being current counts as one.</summary>
    public sealed class Entry(ObjectRef probe, CandidateScorer scorer)
    {
        internal ObjectRef Probe => probe;

        internal CandidateScorer Scorer => scorer;

        internal int Users { get; set; } = 1;
    }
}

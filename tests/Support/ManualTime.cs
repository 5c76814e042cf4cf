namespace Mlops.Tests.Support;

/// <summary>A clock that stands still until it is moved; its timers fire while it moves.</summary>
public sealed class ManualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now;
    }

    public override long GetTimestamp()
    {
        lock (_lock)
            return _ticks;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        lock (_lock)
        {
            timer.Change(dueTime, period);
            _timers.Add(timer);
        }
        return timer;
    }

    /// <summary>Moves the clock and fires what became due, once each.</summary>
    public void Advance(TimeSpan by)
    {
        List<ManualTimer> due;
        lock (_lock)
        {
            _now += by;
            _ticks += by.Ticks;
            due = [.. _timers.Where(timer => timer.IsDue(_ticks))];
        }
        due.ForEach(timer => timer.Fire());
    }

    /// <summary>
    /// Moves the clock until something has happened, in steps that a watchdog can follow: one that stood still waits
    /// for a whole lease.
    /// </summary>
    public async Task<TResult> AdvanceUntilAsync<TResult>(Task<TResult> happened)
    {
        using var step = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        while (!happened.IsCompleted)
        {
            Advance(TimeSpan.FromSeconds(1));
            await step.WaitForNextTickAsync();
        }
        return await happened;
    }

    /// <summary>Puts the clock on the wall to another time, as somebody would by hand; no time passes.</summary>
    public void Set(TimeSpan by)
    {
        lock (_lock)
            _now += by;
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        private long? _due;
        private TimeSpan _period;

        public bool IsDue(long ticks) => _due <= ticks;

        public void Fire()
        {
            lock (time._lock)
            {
                // It may have been changed since the clock moved.
                if (!IsDue(time._ticks))
                    return;
                _due = _period > TimeSpan.Zero ? time._ticks + _period.Ticks : null;
            }
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                _due = dueTime < TimeSpan.Zero ? null : time._ticks + dueTime.Ticks;
                _period = period;
            }
            return true;
        }

        public void Dispose()
        {
            lock (time._lock)
            {
                _due = null;
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

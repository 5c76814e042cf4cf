namespace Mlops.Faults;

/// <summary>Which of the calls that persist or send something go wrong, and how.</summary>
public sealed class FaultPlan
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Random _random;
    private readonly double _rate;
    private readonly int _lastBoundary;
    private int _boundaries;

    private FaultPlan(double rate, int seed, int lastBoundary) =>
        (_rate, _random, _lastBoundary) = (rate, new Random(seed), lastBoundary);

    /// <summary>Ends when nothing gets through any more.</summary>
    public Task Over => _over.Task;

    /// <summary>How many boundaries were passed: there is one before and one after each call.</summary>
    public int Boundaries
    {
        get
        {
            lock (_lock)
                return _boundaries;
        }
    }

    /// <summary>Calls fail at random: half of them before they did anything, half after they did all of it.</summary>
    /// <param name="rate">Share of the calls that fail, in [0, 1].</param>
    public static FaultPlan Random(double rate, int seed) => new(rate, seed, int.MaxValue);

    /// <summary>From this boundary on nothing gets through any more, as if the process had been killed there.</summary>
    /// <param name="boundary">Counted from 1.</param>
    public static FaultPlan DeadFrom(int boundary) => new(0, 0, boundary);

    /// <summary>Makes a call that persists or sends something.</summary>
    /// <exception cref="InjectedFaultException">It did not happen, or did and looks as if not.</exception>
    public async Task<TResult> AroundAsync<TResult>(string what, Func<Task<TResult>> call)
    {
        Pass(what);
        var dice = Roll();
        if (dice < _rate / 2)
            throw new InjectedFaultException($"{what}: timed out");
        var result = await call();
        Pass(what);
        return dice < _rate
            ? throw new InjectedFaultException($"{what}: done, and timed out")
            : result;
    }

    /// <summary>Makes a call that persists or sends something.</summary>
    /// <exception cref="InjectedFaultException">It did not happen, or did and looks as if not.</exception>
    public Task AroundAsync(string what, Func<Task> call) => AroundAsync(what, async () =>
    {
        await call();
        return true;
    });

    /// <summary>A number in [0, 1) for callers that have more than one way to fail.</summary>
    public double Roll()
    {
        lock (_lock)
            return _random.NextDouble();
    }

    /// <summary>Whether a reading fails this time.</summary>
    public bool Fails() => Roll() < _rate;

    private void Pass(string what)
    {
        int passed;
        lock (_lock)
            passed = ++_boundaries;
        if (passed < _lastBoundary)
            return;
        _over.TrySetResult();
        throw new InjectedFaultException($"{what}: nothing gets through from boundary {_lastBoundary} on");
    }
}

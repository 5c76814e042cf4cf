using System.Diagnostics;
using System.Globalization;

namespace Mlops.Platform.Faults;

/// <summary>
/// Fault injection: which of the calls that persist or send something go wrong, and how. Without a plan nothing of this
/// folder is registered.
/// </summary>
public sealed class FaultPlan
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Random _random;
    private readonly double _rate;
    private readonly int _lastBoundary;
    private readonly bool _kills;
    private int _boundaries;

    private FaultPlan(double rate, int seed, int lastBoundary, bool kills) =>
        (_rate, _random, _lastBoundary, _kills) = (rate, new Random(seed), lastBoundary, kills);

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
    public static FaultPlan Random(double rate, int seed) => new(rate, seed, int.MaxValue, kills: false);

    /// <summary>From this boundary on nothing gets through any more, as if the process had been killed there.</summary>
    /// <param name="boundary">Counted from 1.</param>
    public static FaultPlan DeadFrom(int boundary) => new(0, 0, boundary, kills: false);

    /// <summary>
    /// Reads <c>MLOPS_FAULTS</c>: <c>rate=0.05;seed=7</c>, or <c>kill=17</c>, which ends the process at that boundary.
    /// </summary>
    /// <returns>Null if it is not set.</returns>
    /// <exception cref="ArgumentException">It cannot be read.</exception>
    public static FaultPlan? FromEnvironment()
    {
        if (Environment.GetEnvironmentVariable("MLOPS_FAULTS") is not { Length: > 0 } text)
            return null;
        var parts = text.Split(';').Select(part => part.Split('=')).ToArray();
        if (parts is [["rate", var rate], ["seed", var seed]]
            && double.TryParse(rate, NumberStyles.Float, CultureInfo.InvariantCulture, out var share)
            && int.TryParse(seed, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return Random(share, number);
        if (parts is [["kill", var last]]
            && int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var boundary))
            return new FaultPlan(0, 0, boundary, kills: true);
        throw new ArgumentException($"MLOPS_FAULTS is '{text}'; it must look like rate=0.05;seed=7 or kill=17");
    }

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
        if (_kills)
            Process.GetCurrentProcess().Kill();
        throw new InjectedFaultException($"{what}: nothing gets through from boundary {_lastBoundary} on");
    }
}

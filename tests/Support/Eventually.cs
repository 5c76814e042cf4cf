using System.Diagnostics;

namespace Mlops.Tests.Support;

/// <summary>Waits for what other processes do; fails when it takes too long.</summary>
public static class Eventually
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2), Period = TimeSpan.FromMilliseconds(100);

    /// <summary>Asks until the answer is yes.</summary>
    public static async Task TrueAsync(Func<Task<bool>> question, string what, TimeSpan? timeout = null)
    {
        var begin = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(Period);
        while (!await question())
        {
            if (Stopwatch.GetElapsedTime(begin) > (timeout ?? Timeout))
                throw new TimeoutException($"it did not happen: {what}");
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Does something until it no longer fails in this one way.</summary>
    public static async Task DoneAsync<TException>(Func<Task> action) where TException : Exception
    {
        var begin = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(Period);
        while (true)
        {
            try
            {
                await action();
                return;
            }
            catch (TException) when (Stopwatch.GetElapsedTime(begin) < Timeout)
            {
                await timer.WaitForNextTickAsync();
            }
        }
    }
}

using Polly;
using Polly.Retry;

namespace Mlops.Platform.Errors;

/// <summary>The one way in which a request to the store or to the broker is repeated.</summary>
internal static class Retry
{
    private static readonly ResiliencePropertyKey<long> FailingSince = new("failing-since");

    /// <summary>
    /// A pipeline that repeats what fails so that it may pass, for a time from the first failure on: a slow request
    /// that breaks late deserves the same. The last failure is the caller's.
    /// </summary>
    /// <param name="mayPass">Whether the same request may succeed a little later; not asked once it is cancelled.
    /// </param>
    /// <param name="window">How long; zero tries once, <see cref="TimeSpan.MaxValue"/> for as long as it takes.</param>
    /// <param name="pause">Before the second try.</param>
    /// <param name="longestPause">Pauses double up to this, and are never the same for two processes that lost a
    /// server together; null: all are equal.</param>
    /// <param name="waiting">Told of each failure that is waited out.</param>
    public static ResiliencePipelineBuilder While(
        Func<Exception, bool> mayPass, TimeSpan window, TimeProvider time, TimeSpan pause,
        TimeSpan? longestPause = null, Action<Exception>? waiting = null) =>
        new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = int.MaxValue,
            Delay = pause,
            MaxDelay = longestPause,
            BackoffType = longestPause is null ? DelayBackoffType.Constant : DelayBackoffType.Exponential,
            UseJitter = longestPause is not null,
            ShouldHandle = args => ValueTask.FromResult(
                args.Outcome.Exception is { } exception && !args.Context.CancellationToken.IsCancellationRequested
                && mayPass(exception) && IsWithin(args.Context, window, time)),
            OnRetry = args =>
            {
                waiting?.Invoke(args.Outcome.Exception!);
                return ValueTask.CompletedTask;
            },
        });

    private static bool IsWithin(ResilienceContext context, TimeSpan window, TimeProvider time)
    {
        if (!context.Properties.TryGetValue(FailingSince, out var since))
            context.Properties.Set(FailingSince, since = time.GetTimestamp());
        return time.GetElapsedTime(since) < window;
    }
}

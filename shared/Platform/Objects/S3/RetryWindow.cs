namespace Mlops.Platform.Objects.S3;

/// <summary>
/// Repeats a request while its failure may pass, for as long as a server needs to start again; explains one that stays.
/// </summary>
/// <param name="store">Who is asked, for sentences.</param>
/// <param name="length">How long a request that failed is repeated; zero tries it once.</param>
internal sealed class RetryWindow(StoreOptions store, TimeSpan length, TimeProvider time)
{
    private static readonly TimeSpan OneTry = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    /// <summary>Tries with numbers from 0 on; each of them has 100 s to end.</summary>
    /// <exception cref="ArgumentException">Credentials or bucket are wrong.</exception>
    /// <exception cref="IOException">The server did not serve us in time.</exception>
    /// <exception cref="StoreRefusalException">An answer that means something to the caller.</exception>
    public async Task<TResult> RunAsync<TResult>(
        Func<int, CancellationToken, Task<TResult>> request, CancellationToken cancellationToken)
    {
        // From the first failure on: a slow request that breaks late deserves the same.
        long? failing = null;
        for (var attempt = 0;; attempt++)
        {
            try
            {
                using var tooLong = new CancellationTokenSource(OneTry, time);
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tooLong.Token);
                return await request(attempt, limit.Token);
            }
            catch (Exception exception)
                when (!cancellationToken.IsCancellationRequested && StoreErrors.MayPass(exception)
                    && time.GetElapsedTime(failing ??= time.GetTimestamp()) < length)
            {
                await Task.Delay(Pause(attempt), time, cancellationToken);
            }
            catch (Exception exception)
                when (!cancellationToken.IsCancellationRequested
                    && StoreErrors.Explain(exception, store) is { } explained)
            {
                throw explained;
            }
        }
    }

    // Doubles, and is never the same for two processes that lost the server together.
    private static TimeSpan Pause(int attempt)
    {
        var doubled = FirstPause * Math.Pow(2, Math.Min(attempt, 10));
        return (doubled < LongestPause ? doubled : LongestPause) * (0.5 + Random.Shared.NextDouble());
    }
}

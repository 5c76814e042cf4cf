using Mlops.Platform.Errors;
using Polly;

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

    private readonly ResiliencePipeline _pipeline =
        Retry.While(StoreErrors.MayPass, length, time, FirstPause, LongestPause).AddTimeout(OneTry).Build();

    /// <summary>Tries with numbers from 0 on; each of them has 100 s to end.</summary>
    /// <exception cref="ArgumentException">Credentials or bucket are wrong.</exception>
    /// <exception cref="IOException">The server did not serve us in time.</exception>
    /// <exception cref="StoreRefusalException">An answer that means something to the caller.</exception>
    public async Task<TResult> RunAsync<TResult>(
        Func<int, CancellationToken, Task<TResult>> request, CancellationToken cancellationToken)
    {
        var attempt = 0;
        try
        {
            return await _pipeline.ExecuteAsync(
                async token => await request(attempt++, token), cancellationToken);
        }
        catch (Exception exception)
            when (!cancellationToken.IsCancellationRequested && StoreErrors.Explain(exception, store) is { } explained)
        {
            throw explained;
        }
    }
}

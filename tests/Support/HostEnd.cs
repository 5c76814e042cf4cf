using Microsoft.Extensions.Hosting;

namespace Mlops.Tests.Support;

/// <summary>The end of a host of a test.</summary>
internal static class HostEnd
{
    // A host that does not end fails its test, instead of holding up all the others.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Stops it, and disposes of it whatever comes of that.</summary>
    public static async Task EndAsync(this IHost host)
    {
        try
        {
            await host.StopAsync().WaitAsync(StopTimeout);
        }
        finally
        {
            await ((IAsyncDisposable)host).DisposeAsync();
        }
    }
}

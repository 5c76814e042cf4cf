using System.Net;
using System.Net.Sockets;
using Mlops.Contracts;
using Mlops.Platform.Errors;
using Mlops.Platform.Objects.S3;

namespace Mlops.Tests.Platform.S3;

/// <summary>What a user reads who set something wrong, and what the orchestrator makes of it.</summary>
[Trait("Category", "EndToEnd")]
public sealed class RefusalTests : IAsyncLifetime
{
    private const string Canary = "canary-secret-that-nobody-may-ever-read";
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    private readonly RealStore _real = new();

    public Task InitializeAsync() => _real.InitializeAsync();

    [Fact]
    public async Task A_wrong_secret_is_permanent_and_says_what_to_correct()
    {
        var thrown = await RefusedAsync(_real.Options with { SecretKey = Canary });

        Assert.Contains($"refuses the access key '{_real.Options.AccessKey}'", thrown.Message);
        Assert.Contains("correct MLOPS_STORE_ACCESS_KEY and MLOPS_STORE_SECRET_KEY", thrown.Message);
    }

    [Fact]
    public async Task An_unknown_access_key_is_permanent_and_named()
    {
        var thrown = await RefusedAsync(_real.Options with { AccessKey = "stranger", SecretKey = Canary });

        Assert.Contains("refuses the access key 'stranger'", thrown.Message);
    }

    [Fact]
    public async Task A_missing_bucket_is_permanent_and_named()
    {
        var thrown = await RefusedAsync(_real.Options with { Bucket = "nobody-made-this" });

        Assert.Contains("has no bucket 'nobody-made-this'; make it or correct MLOPS_STORE", thrown.Message);
    }

    [Fact]
    public async Task An_unavailable_server_is_retried_and_then_a_transient_failure()
    {
        using var store = _real.Open(Nowhere(), Short);

        var thrown = await Assert.ThrowsAsync<IOException>(() => store.PutAsync(Body(), default));

        Assert.Equal(FailureKind.Transient, Failures.KindOf(thrown, stopRequested: false));
        Assert.Contains("cannot be reached; start it or correct MLOPS_STORE", thrown.Message);
        Assert.DoesNotContain(Canary, thrown.ToString());
    }

    [Fact]
    public async Task A_call_that_we_stopped_is_a_cancel_and_not_a_fault_of_the_server()
    {
        using var store = _real.Open(Nowhere());
        using var stop = new CancellationTokenSource(Short);

        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => store.PutAsync(Body(), stop.Token));

        Assert.Equal(FailureKind.Cancelled, Failures.KindOf(thrown, stopRequested: true));
    }

    [Fact]
    public void Options_in_a_log_do_not_show_the_secret()
    {
        Assert.DoesNotContain(Canary, $"{_real.Options with { SecretKey = Canary }}");
    }

    public Task DisposeAsync() => _real.DisposeAsync();

    private async Task<ArgumentException> RefusedAsync(StoreOptions options)
    {
        using var store = _real.Open(options, Short);

        var thrown = await Assert.ThrowsAsync<ArgumentException>(() => store.PutAsync(Body(), default));
        var reading = await Record.ExceptionAsync(() => store.OpenAsync(new(new string('a', 64), 5000), default));

        Assert.Equal(FailureKind.Permanent, Failures.KindOf(thrown, stopRequested: false));
        Assert.Equal(thrown.Message, reading?.Message);
        Assert.DoesNotContain(Canary, $"{thrown} {reading}");
        return thrown;
    }

    private StoreOptions Nowhere()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        return _real.Options with { Endpoint = new Uri($"http://127.0.0.1:{port}"), SecretKey = Canary };
    }

    // Ceph takes the body of a refused request for the next one when it is shorter than a kilobyte.
    private static MemoryStream Body() => new(new byte[4096]);
}

using System.Net;
using System.Net.Sockets;

namespace Mlops.Tests.Platform.S3;

/// <summary>A wire to a server that can change bytes on their way back, and break.</summary>
internal sealed class Wire : IAsyncDisposable
{
    // The head of an answer is shorter than this: what ends a longer piece belongs to the body.
    private const int LongerThanAnyHead = 16 << 10;

    private readonly Uri _server;
    private readonly long _breaksAfter;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _broken = new();
    private readonly Task _accepting;
    private int _flips;
    private long _sent;

    /// <param name="server">The other end.</param>
    /// <param name="flips">How many answers to change by a bit.</param>
    /// <param name="breaksAfter">Bytes to the server, after which the wire is dead for good.</param>
    public Wire(Uri server, int flips = 0, long breaksAfter = long.MaxValue)
    {
        (_server, _flips, _breaksAfter) = (server, flips, breaksAfter);
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    /// <summary>This end.</summary>
    public Uri Address { get; }

    /// <summary>Bytes that went to the server.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    public async ValueTask DisposeAsync()
    {
        await _broken.CancelAsync();
        await _accepting;
        _broken.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(CarryAsync(await _listener.AcceptTcpClientAsync(_broken.Token)));
        }
        catch (OperationCanceledException)
        {
            _listener.Stop();
            await Task.WhenAll(connections);
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(_server.Host, _server.Port, _broken.Token);
            var ends = await Task.WhenAny(
                CopyAsync(near.GetStream(), far.GetStream(), Count),
                CopyAsync(far.GetStream(), near.GetStream(), Flip));
            await ends;
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // One end hung up, or the wire broke: both connections are closed, as a real break would do.
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, Action<byte[], int> look)
    {
        var buffer = new byte[1 << 16];
        for (int count; (count = await from.ReadAsync(buffer, _broken.Token)) > 0;)
        {
            look(buffer, count);
            await to.WriteAsync(buffer.AsMemory(0, count), _broken.Token);
        }
    }

    private void Count(byte[] buffer, int count)
    {
        if (Interlocked.Add(ref _sent, count) > _breaksAfter)
            _broken.Cancel();
    }

    private void Flip(byte[] buffer, int count)
    {
        if (count > LongerThanAnyHead && Interlocked.Decrement(ref _flips) >= 0)
            buffer[count - 1] ^= 0x10;
    }
}

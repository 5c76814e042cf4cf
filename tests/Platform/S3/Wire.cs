using System.Net;
using System.Net.Sockets;

namespace Mlops.Tests.Platform.S3;

/// <summary>A wire to a server that can change bytes on their way back, halt, drop connections, and break.</summary>
internal sealed class Wire : IAsyncDisposable
{
    // The head of an answer is shorter than this: what ends a longer piece belongs to the body.
    private const int LongerThanAnyHead = 16 << 10;

    private readonly Uri _server;
    private readonly (long Breaks, long Drops, long Halts) _after;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _broken = new();
    private readonly CancellationTokenSource _dropped = new();
    private readonly TaskCompletionSource _halted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goesOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _accepting;
    private int _flips;
    private long _sent, _received;

    /// <param name="flips">How many answers to change by a bit.</param>
    /// <param name="breaksAfter">Bytes to the server, after which the wire is dead for good.</param>
    /// <param name="dropsAfter">Bytes in one direction, after which it drops the connections of then, once.</param>
    /// <param name="haltsAfter">Bytes to the server, after which it carries no more until it is told to.</param>
    public Wire(
        Uri server, int flips = 0, long breaksAfter = long.MaxValue, long dropsAfter = long.MaxValue,
        long haltsAfter = long.MaxValue)
    {
        (_server, _flips, _after) = (server, flips, (breaksAfter, dropsAfter, haltsAfter));
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    /// <summary>This end.</summary>
    public Uri Address { get; }

    /// <summary>Bytes that went to the server.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Bytes that came from the server.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Ends when the wire carries no more.</summary>
    public Task Halted => _halted.Task;

    /// <summary>Lets it carry again.</summary>
    public void GoOn() => _goesOn.SetResult();

    public async ValueTask DisposeAsync()
    {
        await _broken.CancelAsync();
        await _accepting;
        _broken.Dispose();
        _dropped.Dispose();
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
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(
            _broken.Token, _dropped.IsCancellationRequested ? CancellationToken.None : _dropped.Token);
        try
        {
            await far.ConnectAsync(_server.Host, _server.Port, cut.Token);
            var ends = await Task.WhenAny(
                CopyAsync(near.GetStream(), far.GetStream(), ToServerAsync, cut.Token),
                CopyAsync(far.GetStream(), near.GetStream(), FromServerAsync, cut.Token));
            await ends;
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // One end hung up, or the wire broke: both connections are closed, as a real break would do.
        }
    }

    private static async Task CopyAsync(
        NetworkStream from, NetworkStream to, Func<Memory<byte>, Task> look, CancellationToken cut)
    {
        var buffer = new byte[1 << 16];
        for (int count; (count = await from.ReadAsync(buffer, cut)) > 0;)
        {
            await look(buffer.AsMemory(0, count));
            await to.WriteAsync(buffer.AsMemory(0, count), cut);
        }
    }

    private async Task ToServerAsync(Memory<byte> piece)
    {
        var sent = Interlocked.Add(ref _sent, piece.Length);
        if (sent > _after.Breaks)
            await _broken.CancelAsync();
        await DropAsync(sent);
        if (sent > _after.Halts)
        {
            _halted.TrySetResult();
            await _goesOn.Task.WaitAsync(_broken.Token);
        }
    }

    private async Task FromServerAsync(Memory<byte> piece)
    {
        await DropAsync(Interlocked.Add(ref _received, piece.Length));
        if (piece.Length > LongerThanAnyHead && Interlocked.Decrement(ref _flips) >= 0)
            piece.Span[^1] ^= 0x10;
    }

    private async Task DropAsync(long carried)
    {
        if (carried > _after.Drops)
            await _dropped.CancelAsync();
    }
}

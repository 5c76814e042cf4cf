using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mlops.Platform.Configuration;

namespace Mlops.Bench.Local;

/// <summary>A broker and a store for one purpose: on free ports of this machine, gone when it is done.</summary>
public sealed class Servers : IAsyncDisposable
{
    private Servers(LocalServer broker, LocalServer store, IReadOnlyDictionary<string, string> environment) =>
        (Broker, Store, Environment) = (broker, store, environment);

    /// <summary>RabbitMQ.</summary>
    public LocalServer Broker { get; }

    /// <summary>The S3 store.</summary>
    public LocalServer Store { get; }

    /// <summary>What services must find in their environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>The same for a host in this process.</summary>
    public Connections Connections => Connections.From(Settings.From(Environment));

    /// <summary>Starts both and waits until they are healthy.</summary>
    public static async Task<Servers> UpAsync(string folder, CancellationToken cancellationToken)
    {
        var broker = new LocalServer("broker.sh", folder, Port("BROKER_PORT"));
        var store = new LocalServer("store.sh", folder, Port("STORE_PORT"));
        var addresses = await Task.WhenAll(UpAsync(broker, cancellationToken), UpAsync(store, cancellationToken));
        return new Servers(broker, store, addresses.SelectMany(each => each).ToDictionary());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(Broker.DownAsync(CancellationToken.None), Store.DownAsync(CancellationToken.None));

    // A script takes ports beside the one that was found free, and its programs have limits of their own on a busy
    // machine; a second failure is a failure.
    private static async Task<IReadOnlyDictionary<string, string>> UpAsync(
        LocalServer server, CancellationToken cancellationToken)
    {
        try
        {
            return await server.UpAsync(cancellationToken);
        }
        catch (IOException)
        {
            await server.DownAsync(cancellationToken);
            return await server.UpAsync(cancellationToken);
        }
    }

    // The scripts take the ports next to it and in fixed distances, so it must be small.
    private static Dictionary<string, string> Port(string variable)
    {
        for (var port = Random.Shared.Next(10_000, 30_000); ; port++)
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            try
            {
                probe.Start();
                return new() { [variable] = port.ToString(CultureInfo.InvariantCulture) };
            }
            catch (SocketException)
            {
                // Taken; the next one may be free.
            }
        }
    }
}

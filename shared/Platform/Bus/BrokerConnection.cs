using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Mlops.Platform.Bus;

/// <summary>Connections beside the bus, for what the transport does not do.</summary>
internal static class BrokerConnection
{
    /// <summary>What the broker waits before it gives up a silent connection and what that holds.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    /// <summary>Connects; whoever does it again when the connection is lost is the caller.</summary>
    /// <param name="purpose">What the broker calls the connection.</param>
    public static Task<IConnection> OpenAsync(
        BrokerOptions broker, string purpose, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            HostName = broker.Address.Host, Port = broker.Port, VirtualHost = broker.VirtualHost,
            UserName = broker.User, Password = broker.Password, AutomaticRecoveryEnabled = false,
            RequestedHeartbeat = Heartbeat,
            Ssl = { Enabled = broker.Address.Scheme == "amqps", ServerName = broker.Address.Host },
        };
        return factory.CreateConnectionAsync(purpose, cancellationToken);
    }

    /// <summary>Whether the exception means that the broker is away, or went away in the middle.</summary>
    public static bool IsAway(Exception exception, CancellationToken cancellationToken) =>
        exception is BrokerUnreachableException or AlreadyClosedException or OperationInterruptedException
            or IOException or TimeoutException
        // The library's own time-outs look like cancellations.
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}

using Mlops.Platform.Errors;
using Polly;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Mlops.Platform.Bus;

/// <summary>Connections beside the bus, for what the transport does not do.</summary>
internal static class BrokerConnection
{
    /// <summary>How long the broker keeps a connection without heartbeats, and what that holds.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    /// <summary>Between two tries.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Tries again for as long as the broker is unavailable.</summary>
    public static ResiliencePipeline WhileUnavailable(TimeProvider time) =>
        Retry.While(IsUnavailable, TimeSpan.MaxValue, time, Pause).Build();

    /// <summary>Connects once; the caller reconnects when the connection is lost.</summary>
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

    /// <summary>Whether the exception, of a call that was not cancelled, means that the broker is unavailable, or
    /// became so in the middle. The library's own time-outs look like cancellations.</summary>
    public static bool IsUnavailable(Exception exception) =>
        exception is BrokerUnreachableException or AlreadyClosedException or OperationInterruptedException
            or IOException or TimeoutException or OperationCanceledException;
}

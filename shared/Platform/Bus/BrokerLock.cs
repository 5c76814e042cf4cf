using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Platform.Errors;
using Polly;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Mlops.Platform.Bus;

/// <summary>
/// Keeps a service to one process per broker: an exclusive queue that lives as long as our connection, however that
/// ends. Two that read from the same queues would each see half of the messages.
/// </summary>
/// <param name="service">The queue is named after it.</param>
public sealed class BrokerLock(BrokerOptions broker, string service, TimeProvider time, ILogger<BrokerLock> log)
    : BackgroundService
{
    // The reply code for a queue of another connection.
    private const int Locked = 405;

    // A holder that vanished with its machine is noticed after two heartbeats.
    private static readonly TimeSpan Timeout = 3 * BrokerConnection.Heartbeat;

    private readonly ResiliencePipeline _whileLocked = Retry.While(
        IsLocked, Timeout, time, BrokerConnection.Pause,
        waiting: _ => log.LogWarning(
            "Another {Service} holds the broker {Address}; waiting for it", service, broker.Address)).Build();

    private readonly ResiliencePipeline _whileUnavailable = BrokerConnection.WhileUnavailable(time);

    private IConnection? _connection;

    private TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Another process has it, and keeps it.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await TakeOrWaitAsync(cancellationToken);
        }
        catch (Exception exception)
            when (!cancellationToken.IsCancellationRequested && BrokerConnection.IsUnavailable(exception))
        {
            _lost.TrySetResult();
        }
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await _lost.Task.WaitAsync(stoppingToken);
            _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
            log.LogWarning(
                "The broker {Address} is unavailable; taking the lock of {Service} when it is back",
                broker.Address, service);
            await _whileUnavailable.ExecuteAsync(async token => await TakeOrWaitAsync(token), stoppingToken);
        }
    }

    private static bool IsLocked(Exception exception) =>
        exception is OperationInterruptedException { ShutdownReason.ReplyCode: Locked };

    private async Task TakeOrWaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _whileLocked.ExecuteAsync(async token => await TakeAsync(token), cancellationToken);
        }
        catch (OperationInterruptedException exception) when (IsLocked(exception))
        {
            throw new ArgumentException(
                $"another {service} is running on the broker {broker.Address}; stop it, or use another virtual host",
                exception);
        }
    }

    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        var connection = await BrokerConnection.OpenAsync(broker, $"{service}-lock", cancellationToken);
        try
        {
            var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            await channel.QueueDeclareAsync(
                $"{service}-lock", durable: false, exclusive: true, autoDelete: false,
                cancellationToken: cancellationToken);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
        var (lost, earlier) = (_lost, _connection);
        connection.ConnectionShutdownAsync += (_, _) =>
        {
            lost.TrySetResult();
            return Task.CompletedTask;
        };
        if (!connection.IsOpen)
            lost.TrySetResult();
        _connection = connection;
        if (earlier is not null)
            await earlier.DisposeAsync();
    }
}

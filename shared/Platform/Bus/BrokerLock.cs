using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
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

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    // A holder that vanished with its machine is noticed after two heartbeats.
    private static readonly TimeSpan Timeout = 3 * BrokerConnection.Heartbeat;

    private IConnection? _connection;

    private bool _unavailable;

    private TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Another process has it, and keeps it.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!await TryTakeAsync(cancellationToken))
            _lost.TrySetResult();
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
            while (!await TryTakeAsync(stoppingToken))
                await Task.Delay(Pause, time, stoppingToken);
        }
    }

    /// <summary>False if the broker is unavailable; waits while another process has it.</summary>
    private async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        for (var begin = time.GetTimestamp(); ;)
        {
            try
            {
                await TakeAsync(cancellationToken);
                _unavailable = false;
                return true;
            }
            catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Locked)
            {
                if (time.GetElapsedTime(begin) >= Timeout)
                    throw new ArgumentException(
                        $"another {service} is running on the broker {broker.Address}; stop it, or use another virtual "
                        + "host", exception);
                log.LogWarning("Another {Service} holds the broker {Address}; waiting for it", service, broker.Address);
            }
            catch (Exception exception) when (BrokerConnection.IsUnavailable(exception, cancellationToken))
            {
                if (!_unavailable)
                    log.LogWarning("The lock of {Service} cannot be taken yet: {Reason}", service, exception.Message);
                _unavailable = true;
                return false;
            }
            await Task.Delay(Pause, time, cancellationToken);
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

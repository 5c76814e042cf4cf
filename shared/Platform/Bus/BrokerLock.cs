using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Mlops.Platform.Bus;

/// <summary>
/// Keeps other processes from playing the same part on the same broker: an exclusive queue that lives as long as our
/// connection, however that ends. Two that read from the same queues would each see half of what happens.
/// </summary>
/// <param name="part">The part: the queue is called after it.</param>
public sealed class BrokerLock(BrokerOptions broker, string part, TimeProvider time, ILogger<BrokerLock> log)
    : BackgroundService
{
    // The reply code for a queue of another connection.
    private const int Locked = 405;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    // A holder that vanished with its machine is noticed after two heartbeats.
    private static readonly TimeSpan Patience = 3 * BrokerConnection.Heartbeat;

    private IConnection? _connection;

    private bool _away;

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

    /// <summary>False if the broker is away; waits while somebody else has it.</summary>
    private async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        for (var begin = time.GetTimestamp(); ;)
        {
            try
            {
                await TakeAsync(cancellationToken);
                _away = false;
                return true;
            }
            catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Locked)
            {
                if (time.GetElapsedTime(begin) >= Patience)
                    throw new ArgumentException(
                        $"another {part} is at work on the broker {broker.Address}; stop it, or use another virtual "
                        + "host", exception);
                log.LogWarning("Another {Part} holds the broker {Address}; waiting for it", part, broker.Address);
            }
            catch (Exception exception) when (BrokerConnection.IsAway(exception, cancellationToken))
            {
                if (!_away)
                    log.LogWarning("The lock of {Part} cannot be taken yet: {Reason}", part, exception.Message);
                _away = true;
                return false;
            }
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        var connection = await BrokerConnection.OpenAsync(broker, $"{part}-lock", cancellationToken);
        try
        {
            var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            await channel.QueueDeclareAsync(
                $"{part}-lock", durable: false, exclusive: true, autoDelete: false,
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

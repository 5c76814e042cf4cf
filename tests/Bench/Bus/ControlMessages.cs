using System.Diagnostics;
using Mlops.Bench.Local;
using Mlops.Contracts.Events;
using Mlops.Platform.Bus;
using RabbitMQ.Client;

namespace Mlops.Bench.Bus;

/// <summary>
/// How many heartbeats per second the orchestrator takes: published as fast as the broker confirms them, until its
/// queue is empty.
/// </summary>
public sealed class ControlMessages(ClientHost client, BrokerOptions broker)
{
    private const string Queue = "orchestrator";
    private const int Messages = 20_000, Publishers = 32;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>Measures.</summary>
    /// <param name="heartbeat">A heartbeat of a job that is under way, so that each renews a lease on the disk.</param>
    public async Task<double> PerSecondAsync(JobProgressed heartbeat, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            HostName = broker.Address.Host, Port = broker.Port, VirtualHost = broker.VirtualHost,
            UserName = broker.User, Password = broker.Password,
        };
        await using var connection = await factory.CreateConnectionAsync("benchmark", cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var begin = Stopwatch.GetTimestamp();
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = Publishers, CancellationToken = cancellationToken,
        };
        await Parallel.ForAsync(0, Messages, parallel, async (_, token) => await client.Bus.Publish(heartbeat, token));
        while ((await channel.QueueDeclarePassiveAsync(Queue, cancellationToken)).MessageCount > 0)
            await Task.Delay(Look, cancellationToken);
        return Messages / Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }
}

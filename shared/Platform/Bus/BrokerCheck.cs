using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Contracts.Commands;
using Mlops.Platform.Errors;
using Polly;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Mlops.Platform.Bus;

/// <summary>
/// Ends a process whose credentials the broker refuses, instead of asking for ever, and declares the queues of jobs
/// and of requests, so that what is sent before the first worker or the orchestrator came is kept. It waits for a
/// broker that is unavailable.
/// </summary>
internal sealed class BrokerCheck(BrokerOptions broker, TimeProvider time, ILogger<BrokerCheck> log) : BackgroundService
{
    // The reply code of a declaration that contradicts an earlier one.
    private const int NotLikeThat = 406;

    // A broker that is just starting refuses all connections for a moment.
    private static readonly TimeSpan Refusing = TimeSpan.FromSeconds(4);

    private readonly ResiliencePipeline _whileRefused =
        Retry.While(exception => exception is ArgumentException, Refusing, time, BrokerConnection.Pause).Build();

    private readonly ResiliencePipeline _whileUnavailable = BrokerConnection.WhileUnavailable(time);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">It refuses us, or has a queue of ours that is not like ours.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await DeclareAsync(cancellationToken);
        }
        catch (Exception exception)
            when (!cancellationToken.IsCancellationRequested && BrokerConnection.IsUnavailable(exception))
        {
            log.LogWarning("The broker {Address} does not answer; waiting for it", broker.Address);
            await base.StartAsync(cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _whileUnavailable.ExecuteAsync(async token => await DeclareAsync(token), stoppingToken);
        log.LogInformation("The broker {Address} answers", broker.Address);
    }

    private async Task DeclareAsync(CancellationToken cancellationToken) =>
        await _whileRefused.ExecuteAsync(async token => await DeclareOnceAsync(token), cancellationToken);

    private async Task DeclareOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await DeclareAllAsync(cancellationToken);
        }
        catch (Exception exception) when (IsRefusal(exception))
        {
            throw new ArgumentException(
                $"the broker {broker.Address} refuses the user '{broker.User}'; "
                + "correct MLOPS_BROKER_USER, MLOPS_BROKER_PASSWORD or the virtual host", exception);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == NotLikeThat)
        {
            throw new ArgumentException(
                $"the broker {broker.Address} has a queue that was declared otherwise "
                + $"({exception.ShutdownReason.ReplyText}); let it run empty, delete it and start again", exception);
        }
    }

    private async Task DeclareAllAsync(CancellationToken cancellationToken)
    {
        await using var connection = await BrokerConnection.OpenAsync(broker, "topology", cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await DeclareAsync(channel, JobQueues.DeadLetters, [], cancellationToken);
        foreach (var queue in JobQueues.All.Append(JobQueues.Requests))
            await DeclareAsync(
                channel, queue, JobQueues.Arguments.ToDictionary(pair => pair.Key, pair => (object?)pair.Value),
                cancellationToken);
        await DeclareExchangeAsync(channel, RequestRun.EntityName, cancellationToken);
        await channel.ExchangeBindAsync(
            JobQueues.Requests, RequestRun.EntityName, routingKey: "", cancellationToken: cancellationToken);
    }

    // Named and bound as the transport does it: an exchange for the senders, a queue of the same name behind it.
    private static async Task DeclareAsync(
        IChannel channel, string name, Dictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        await DeclareExchangeAsync(channel, name, cancellationToken);
        await channel.QueueDeclareAsync(
            name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(name, name, routingKey: "", cancellationToken: cancellationToken);
    }

    private static Task DeclareExchangeAsync(IChannel channel, string name, CancellationToken cancellationToken) =>
        channel.ExchangeDeclareAsync(
            name, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);

    private static bool IsRefusal(Exception exception) => exception switch
    {
        AuthenticationFailureException or PossibleAuthenticationFailureException => true,
        OperationInterruptedException { ShutdownReason.ReplyCode: 530 or 403 } => true,
        AggregateException several => several.InnerExceptions.Any(IsRefusal),
        { InnerException: { } inner } => IsRefusal(inner),
        _ => false,
    };
}

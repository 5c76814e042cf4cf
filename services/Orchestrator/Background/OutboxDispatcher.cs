using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Orchestrator.Store;
using Mlops.Platform.Bus;

namespace Mlops.Orchestrator.Background;

/// <summary>
/// Sends what the outbox holds: commands of jobs to their queue, everything else to its subscribers.
/// </summary>
internal sealed class OutboxDispatcher(
    StateStore store, Outbox outbox, IBusControl bus, TimeProvider time, ILogger<OutboxDispatcher> log)
    : BackgroundService
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMilliseconds(500);

    // A message that was sent after all is known by its id. One that the client waits for in vain, because it lost the
    // broker just then, holds up the others for as long.
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await bus.WaitForHealthStatus(BusHealthStatus.Healthy, stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
            if (await DrainAsync(stoppingToken) == 0)
                await store.MessagesAdded.WaitAsync(LongestSleep, time, stoppingToken);
    }

    private async Task<int> DrainAsync(CancellationToken stoppingToken)
    {
        try
        {
            return await outbox.DrainAsync(SendAsync, Report, stoppingToken);
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // A transport that is going down says so in exceptions of its own; the row is still there.
            return 0;
        }
        catch (Exception exception)
        {
            // The boundary to the disk: what was sent and could not be forgotten is forgotten later, or sent again
            // under the same id by the next process.
            log.LogWarning(exception, "The outbox could not be emptied; trying again");
            return 0;
        }
    }

    private async Task SendAsync(OutboxRow row, CancellationToken stoppingToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        timeout.CancelAfter(SendTimeout);
        await SendNowAsync(row, timeout.Token);
    }

    private async Task SendNowAsync(OutboxRow row, CancellationToken cancellationToken)
    {
        var message = row.ToMessage();
        var type = message.GetType();
        using var span = OutboxTelemetry.Start(message, row.RunId);
        if (row.Key is null)
        {
            await bus.Publish(
                message, type, Pipe.Execute<PublishContext>(context => Label(context, row)), cancellationToken);
            OutboxTelemetry.LogSent(log, message);
            return;
        }
        var endpoint = await bus.GetSendEndpoint(Endpoints.AddressOf(type));
        await endpoint.Send(
            message, type,
            Pipe.Execute<SendContext>(context =>
            {
                Label(context, row);
                Endpoints.DemandQueue(context);
            }),
            cancellationToken);
    }

    // The id stays the same when a row is sent twice, so that receivers recognize the second delivery.
    private static void Label(SendContext context, OutboxRow row) =>
        (context.MessageId, context.CorrelationId) = (row.MessageId, row.RunId);

    private void Report(OutboxRow row, Exception exception) =>
        log.LogWarning(
            "{Type} of run {RunId} could not be sent; trying again later: {Reason}",
            row.Type, row.RunId, exception.Message);
}

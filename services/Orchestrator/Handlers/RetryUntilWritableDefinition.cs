using System.Data.Common;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Mlops.Platform.Bus;

namespace Mlops.Orchestrator.Handlers;

/// <summary>A queue whose messages wait while the history cannot be written, rather than be put aside.</summary>
internal sealed class RetryUntilWritableDefinition<TConsumer> : DurableQueue<TConsumer>
    where TConsumer : class, IConsumer
{
    // Soon for hiccups, and later often, so that heartbeats arrive before their lease expires once the disk has
    // space again. In the place of the retries of the bus; 20 minutes in all, less than the half hour after which a
    // broker takes a message back that nobody acknowledged.
    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2),
        .. Enumerable.Repeat(TimeSpan.FromSeconds(5), 240),
    ];

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<TConsumer> consumerConfigurator,
        IRegistrationContext context)
    {
        base.ConfigureConsumer(endpointConfigurator, consumerConfigurator, context);
        consumerConfigurator.UseMessageRetry(retry =>
        {
            retry.Intervals(Pauses);
            retry.Handle<DbUpdateException>();
            retry.Handle<DbException>();
            retry.Handle<IOException>();
        });
    }
}

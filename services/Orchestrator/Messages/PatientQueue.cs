using System.Data.Common;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Mlops.Platform.Bus;

namespace Mlops.Orchestrator.Messages;

/// <summary>A queue whose messages wait while the history cannot be written, rather than be put aside.</summary>
internal sealed class PatientQueue<TConsumer> : DurableQueue<TConsumer> where TConsumer : class, IConsumer
{
    // Often, so that signs of life are heard before their lease is missed once the disk has space again; and for less
    // than the half hour after which a broker takes a message back that nobody acknowledged.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private const int Tries = 240;

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<TConsumer> consumerConfigurator,
        IRegistrationContext context)
    {
        base.ConfigureConsumer(endpointConfigurator, consumerConfigurator, context);
        endpointConfigurator.UseMessageRetry(retry =>
        {
            retry.Interval(Tries, Pause);
            retry.Handle<DbUpdateException>();
            retry.Handle<DbException>();
            retry.Handle<IOException>();
        });
    }
}

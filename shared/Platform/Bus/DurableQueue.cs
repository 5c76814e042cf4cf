using MassTransit;

namespace Mlops.Platform.Bus;

/// <summary>On a broker: a replicated queue whose messages survive everything but the loss of its disks.</summary>
public class DurableQueue<TConsumer> : ConsumerDefinition<TConsumer> where TConsumer : class, IConsumer
{
    /// <inheritdoc/>
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<TConsumer> consumerConfigurator,
        IRegistrationContext context)
    {
        if (endpointConfigurator is not IRabbitMqReceiveEndpointConfigurator queue)
            return;
        foreach (var (name, value) in JobQueues.Arguments)
            queue.SetQueueArgument(name, value);
    }
}

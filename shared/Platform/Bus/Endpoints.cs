using System.Text.Json;
using MassTransit;
using Mlops.Contracts;
using Mlops.Platform.Jobs;

namespace Mlops.Platform.Bus;

/// <summary>The three kinds of endpoints: a queue of jobs, a queue of small work,
/// and a subscription of one process.</summary>
public static class Endpoints
{
    /// <summary>The queue of a command: its type's name in kebab-case, <c>score-importance</c>.</summary>
    public static string QueueOf(Type command) => JsonNamingPolicy.KebabCaseLower.ConvertName(command.Name);

    /// <summary>The queue of the jobs of a kind; it is named after their command.</summary>
    public static string QueueOf(JobKind kind) => JobKinds.NameOf(kind);

    /// <summary>
    /// Where a command is sent. An exchange, so that the first sender does not decide the queue's type.
    /// </summary>
    public static Uri AddressOf(Type command) => new($"exchange:{QueueOf(command)}");

    /// <summary>Makes sending fail, rather than lose the message, while its queue is missing on the broker.</summary>
    public static void DemandQueue(SendContext context)
    {
        if (context.TryGetPayload(out RabbitMqSendContext? broker))
            broker.Mandatory = true;
    }

    /// <summary>The jobs of a kind: one message at a time and in advance, because each may take hours.</summary>
    /// <typeparam name="TWorker">Does them.</typeparam>
    public static void AddJobConsumer<TWorker>(this IBusRegistrationConfigurator bus, JobKind kind)
        where TWorker : class, IJobWorker
    {
        var consumer = typeof(JobConsumer<,>).MakeGenericType(JobKinds.Of(kind).Command, typeof(TWorker));
        bus.AddQueue(consumer, typeof(DurableQueue<>), QueueOf(kind), prefetch: 1, concurrency: 1);
    }

    /// <summary>Work of a command that may run several at a time in one process.</summary>
    public static void AddWorkConsumer<TConsumer, TCommand>(this IBusRegistrationConfigurator bus, int concurrency)
        where TConsumer : class, IConsumer<TCommand>
        where TCommand : class =>
        bus.AddQueue<TConsumer>(QueueOf(typeof(TCommand)), concurrency, concurrency);

    /// <summary>A durable queue of any messages.</summary>
    /// <param name="name">Kebab-case.</param>
    /// <param name="prefetch">Messages fetched in advance.</param>
    /// <param name="concurrency">Messages worked on at the same time.</param>
    public static void AddQueue<TConsumer>(
        this IBusRegistrationConfigurator bus, string name, int prefetch, int concurrency)
        where TConsumer : class, IConsumer =>
        bus.AddQueue<TConsumer, DurableQueue<TConsumer>>(name, prefetch, concurrency);

    /// <summary>A durable queue that has something of its own besides.</summary>
    public static void AddQueue<TConsumer, TQueue>(
        this IBusRegistrationConfigurator bus, string name, int prefetch, int concurrency)
        where TConsumer : class, IConsumer
        where TQueue : DurableQueue<TConsumer> =>
        bus.AddConsumer<TConsumer, TQueue>().Endpoint(Queue(name, prefetch, concurrency));

    /// <summary>A durable queue of a consumer that is known by its type only.</summary>
    /// <param name="consumer">Class of the consumer.</param>
    /// <param name="queue">Generic definition of the queue, over the consumer.</param>
    /// <param name="name">Kebab-case.</param>
    /// <param name="prefetch">Messages fetched in advance.</param>
    /// <param name="concurrency">Messages worked on at the same time.</param>
    public static void AddQueue(
        this IBusRegistrationConfigurator bus, Type consumer, Type queue, string name, int prefetch,
        int concurrency) =>
        bus.AddConsumer(consumer, queue.MakeGenericType(consumer)).Endpoint(Queue(name, prefetch, concurrency));

    private static Action<IEndpointRegistrationConfigurator> Queue(string name, int prefetch, int concurrency) =>
        endpoint =>
        {
            endpoint.Name = name;
            endpoint.PrefetchCount = prefetch;
            endpoint.ConcurrentMessageLimit = concurrency;
        };

    /// <summary>Events that every process receives: a temporary queue of this process alone.</summary>
    public static void AddSubscriber<TConsumer>(this IBusRegistrationConfigurator bus)
        where TConsumer : class, IConsumer =>
        bus.AddConsumer<TConsumer>().Endpoint(endpoint =>
        {
            endpoint.Name = JsonNamingPolicy.KebabCaseLower.ConvertName(typeof(TConsumer).Name);
            endpoint.InstanceId = $"-{Guid.NewGuid():N}";
            endpoint.Temporary = true;
            endpoint.ConcurrentMessageLimit = 1;
        });
}

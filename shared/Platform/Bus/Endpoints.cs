using System.Text.Json;
using MassTransit;

namespace Mlops.Platform.Bus;

/// <summary>The three kinds of endpoints: a queue of jobs, a queue of small work, and an ear of one process.</summary>
public static class Endpoints
{
    /// <summary>The queue of a command: its type's name in kebab-case, <c>score-importance</c>.</summary>
    public static string QueueOf(Type command) => JsonNamingPolicy.KebabCaseLower.ConvertName(command.Name);

    /// <summary>
    /// Where a command is sent. An exchange, so that the first sender does not decide the queue's type.
    /// </summary>
    public static Uri AddressOf(Type command) => new($"exchange:{QueueOf(command)}");

    /// <summary>Jobs: one message at a time and in advance, because each may take hours.</summary>
    public static void AddJobConsumer<TConsumer, TCommand>(this IBusRegistrationConfigurator bus)
        where TConsumer : class, IConsumer<TCommand>
        where TCommand : class =>
        bus.AddWorkConsumer<TConsumer, TCommand>(concurrency: 1);

    /// <summary>Work of a command that may run several at a time in one process.</summary>
    public static void AddWorkConsumer<TConsumer, TCommand>(this IBusRegistrationConfigurator bus, int concurrency)
        where TConsumer : class, IConsumer<TCommand>
        where TCommand : class =>
        bus.AddConsumer<TConsumer>().Endpoint(endpoint =>
        {
            endpoint.Name = QueueOf(typeof(TCommand));
            endpoint.PrefetchCount = concurrency;
            endpoint.ConcurrentMessageLimit = concurrency;
        });

    /// <summary>Events that every process shall hear: a temporary queue of this process alone.</summary>
    public static void AddListener<TConsumer>(this IBusRegistrationConfigurator bus)
        where TConsumer : class, IConsumer =>
        bus.AddConsumer<TConsumer>().Endpoint(endpoint =>
        {
            endpoint.Name = JsonNamingPolicy.KebabCaseLower.ConvertName(typeof(TConsumer).Name);
            endpoint.InstanceId = $"-{Guid.NewGuid():N}";
            endpoint.Temporary = true;
            endpoint.ConcurrentMessageLimit = 1;
        });
}

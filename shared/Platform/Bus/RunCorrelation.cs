using MassTransit;

namespace Mlops.Platform.Bus;

/// <summary>
/// Messages of a run carry its id in their envelope as well, so that tools find them without reading them.
/// </summary>
internal sealed class RunCorrelation<TMessage> : IFilter<SendContext<TMessage>>, IFilter<PublishContext<TMessage>>
    where TMessage : class
{
    public Task Send(SendContext<TMessage> context, IPipe<SendContext<TMessage>> next)
    {
        context.CorrelationId ??= RunIdOf<TMessage>.Read(context.Message);
        return next.Send(context);
    }

    public Task Send(PublishContext<TMessage> context, IPipe<PublishContext<TMessage>> next)
    {
        context.CorrelationId ??= RunIdOf<TMessage>.Read(context.Message);
        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("run-correlation");
}

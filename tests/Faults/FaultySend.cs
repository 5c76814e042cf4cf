using MassTransit;

namespace Mlops.Faults;

/// <summary>Messages that do not leave.</summary>
internal sealed class FaultySend(FaultPlan plan) : IFilter<SendContext>, IFilter<PublishContext>
{
    public Task Send(SendContext context, IPipe<SendContext> next) =>
        plan.AroundAsync("send", () => next.Send(context));

    public Task Send(PublishContext context, IPipe<PublishContext> next) =>
        plan.AroundAsync("publish", () => next.Send(context));

    public void Probe(ProbeContext context) => context.CreateFilterScope("faults");
}

using MassTransit;

namespace Mlops.Faults;

/// <summary>
/// Messages that are lost on the way in, or acted on and delivered once more because the acknowledgement was lost.
/// </summary>
internal sealed class FaultyConsume(FaultPlan plan) : IFilter<ConsumeContext>
{
    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next) =>
        plan.AroundAsync("consume", () => next.Send(context));

    public void Probe(ProbeContext context) => context.CreateFilterScope("faults");
}

using MassTransit;
using Mlops.Platform.Bus;

namespace Mlops.Faults;

/// <summary>
/// The first message of a kind waits for ever, as for the confirmation of a broker that died just then; only its token
/// ends that. All others pass.
/// </summary>
public sealed class LostConfirmation<TMessage> : IFilter<SendContext>, IFilter<PublishContext> where TMessage : class
{
    private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the message waits.</summary>
    public Task Waiting => _waiting.Task;

    /// <summary>The module with this between it and the bus.</summary>
    public ServiceModule Before(ServiceModule module) => module with
    {
        ConfigureBus = bus =>
        {
            bus.ConfigureSend(pipe => pipe.UseFilter(this));
            bus.ConfigurePublish(pipe => pipe.UseFilter<PublishContext>(this));
        },
    };

    /// <inheritdoc/>
    public async Task Send(SendContext context, IPipe<SendContext> next)
    {
        await WaitAsync(context);
        await next.Send(context);
    }

    /// <inheritdoc/>
    public async Task Send(PublishContext context, IPipe<PublishContext> next)
    {
        await WaitAsync(context);
        await next.Send(context);
    }

    /// <inheritdoc/>
    public void Probe(ProbeContext context) => context.CreateFilterScope("faults");

    private Task WaitAsync(SendContext context) => context is SendContext<TMessage> && _waiting.TrySetResult()
        ? new TaskCompletionSource().Task.WaitAsync(context.CancellationToken)
        : Task.CompletedTask;
}

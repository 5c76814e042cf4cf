using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.Logging;
using Mlops.Contracts;
using Mlops.Platform.Telemetry;

namespace Mlops.Platform.Bus;

/// <summary>
/// Whatever is logged while a message is handled says of which run it is and which message it was; so does the span.
/// </summary>
internal sealed class ConsumeScope<TMessage>(ILogger<ConsumeScope<TMessage>> log) : IFilter<ConsumeContext<TMessage>>
    where TMessage : class
{
    public async Task Send(ConsumeContext<TMessage> context, IPipe<ConsumeContext<TMessage>> next)
    {
        var values = Values(context);
        using var scope = log.BeginScope(values);
        foreach (var (name, value) in values)
            Activity.Current?.SetTag(name, value);
        if (context.Message is IJobCommand command)
            JobTelemetry.Delivered(command.RunId, command.Job, Endpoints.QueueOf(typeof(TMessage)), context.SentTime);
        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("log-scope");

    private static Dictionary<string, object> Values(ConsumeContext<TMessage> context)
    {
        var values = new Dictionary<string, object> { [TelemetryNames.MessageType] = typeof(TMessage).Name };
        Add(TelemetryNames.RunId, RunIdOf<TMessage>.Read(context.Message));
        Add(TelemetryNames.MessageId, context.MessageId);
        Add(TelemetryNames.ConversationId, context.ConversationId);
        Add(TelemetryNames.CorrelationId, context.CorrelationId);
        return values;

        void Add(string name, Guid? value)
        {
            if (value is { } id)
                values[name] = id.ToString();
        }
    }
}

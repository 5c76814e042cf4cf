using System.Net.Mime;
using System.Runtime.Serialization;
using MassTransit;
using MassTransit.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Store;
using Mlops.Platform.Bus;
using Mlops.Platform.Errors;

namespace Mlops.Orchestrator.Submission;

/// <summary>
/// The queue of the public trigger: takes plain JSON besides our own envelopes, and answers also what nobody can read.
/// </summary>
internal sealed class RequestRunConsumerDefinition : DurableQueue<RequestRunConsumer>
{
    // What no refusal explains: the store or the disk is unavailable. After that the request is put aside.
    private static readonly TimeSpan[] Pauses =
        [.. new[] { 1, 2, 5, 10, 20 }.Select(seconds => TimeSpan.FromSeconds(seconds))];

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<RequestRunConsumer> consumerConfigurator, IRegistrationContext context)
    {
        base.ConfigureConsumer(endpointConfigurator, consumerConfigurator, context);
        endpointConfigurator.UseRawJsonDeserializer(
            RawSerializerOptions.AnyMessageType | RawSerializerOptions.CopyHeaders, isDefault: true);
        endpointConfigurator.DefaultContentType = new ContentType(MediaTypeNames.Application.Json);
        endpointConfigurator.UseMessageRetry(retry => retry.Intervals(Pauses));
        endpointConfigurator.ConfigureError(error =>
        {
            error.UseFilter(new Answer(context));
            error.UseFilter(new GenerateFaultFilter());
            error.UseFilter(new ErrorTransportFilter());
        });
    }

    /// <summary>Answers that the message was put aside.</summary>
    private sealed class Answer(IServiceProvider services) : IFilter<ExceptionReceiveContext>
    {
        public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
        {
            var runId = context.GetMessageId() ?? Guid.NewGuid();
            var reason = context.Exception is SerializationException
                ? $"the request is not JSON: {context.Exception.GetBaseException().Message}"
                : $"the request could not be taken in: {Failures.ReasonOf(context.Exception)}";
            await services.GetRequiredService<Outbox>().EnqueueAsync(
                runId, new RunRefused(runId, $"{reason}; it is put aside in {JobQueues.Requests}_error"),
                context.CancellationToken);
            await next.Send(context);
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("answer");
    }
}

using System.Net.Mime;
using MassTransit;

namespace Mlops.Tests.Orchestrator.Support;

/// <summary>Sends a text in place of the message.</summary>
public sealed class RawText(string body) : IMessageSerializer
{
    public ContentType ContentType { get; } = new(MediaTypeNames.Application.Json);

    public MessageBody GetMessageBody<T>(SendContext<T> context) where T : class => new StringMessageBody(body);
}

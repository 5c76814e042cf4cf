using System.Net.ServerSentEvents;
using System.Text.Json;
using Mlops.Contracts.Events;

namespace Mlops.Orchestrator.Api;

/// <summary>The events of a run as server-sent events: the type in kebab-case, and the message as JSON.</summary>
public static class RunEventFormat
{
    private static readonly Dictionary<string, Type> Types = new[]
    {
        typeof(RunStarted), typeof(RunCompleted), typeof(RunFailed), typeof(RunCancelled), typeof(JobDispatched),
        typeof(JobProgressed), typeof(JobCompleted), typeof(JobFailed),
    }.ToDictionary(type => JsonNamingPolicy.KebabCaseLower.ConvertName(type.Name), StringComparer.Ordinal);

    /// <summary>An event as it goes out.</summary>
    public static SseItem<string> Write(object message) => new(
        JsonSerializer.Serialize(message, message.GetType(), ApiJson.Options),
        JsonNamingPolicy.KebabCaseLower.ConvertName(message.GetType().Name));

    /// <summary>The event that came in; null for one that is not known here.</summary>
    public static object? Read(SseItem<string> item) => Types.TryGetValue(item.EventType, out var type)
        ? JsonSerializer.Deserialize(item.Data, type, ApiJson.Options)
        : null;
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Orchestrator.Api;

/// <summary>How requests and answers are written over HTTP.</summary>
public static class ApiJson
{
    /// <summary>For clients.</summary>
    public static JsonSerializerOptions Options { get; } = Configure(new(JsonSerializerDefaults.Web));

    /// <summary>Makes any options write in the same way.</summary>
    internal static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.Converters.Add(new JsonStringEnumConverter());
        return options;
    }
}

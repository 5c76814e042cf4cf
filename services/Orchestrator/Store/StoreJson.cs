using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Mlops.Orchestrator.Store;

/// <summary>How messages and dictionaries are stored.</summary>
internal static class StoreJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
    };
}

/// <summary>A value that is read and written as a whole: its column holds JSON.</summary>
internal sealed class JsonColumn<TValue>() : ValueConverter<TValue, string>(
    value => JsonSerializer.Serialize(value, StoreJson.Options),
    json => JsonSerializer.Deserialize<TValue>(json, StoreJson.Options)!);

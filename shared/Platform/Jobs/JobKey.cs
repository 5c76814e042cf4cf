using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mlops.Contracts;

namespace Mlops.Platform.Jobs;

/// <summary>
/// The digest of everything a job's result depends on: what the worker does, settings, input digests, seed. Equal keys
/// mean equal results, so the key names the result and its checkpoints.
/// </summary>
public static class JobKey
{
    /// <summary>64 lower-case hexadecimal digits; neither run, job name nor attempt take part.</summary>
    /// <param name="protocol">Name and version of the work, see <see cref="IJobWorker.Protocol"/>.</param>
    /// <param name="order">The order.</param>
    public static string Of(string protocol, JobOrder order)
    {
        var inputs = new JsonObject(order.Inputs.OrderBy(input => input.Key, StringComparer.Ordinal)
            .Select(input => KeyValuePair.Create(input.Key, (JsonNode?)input.Value.Sha256)));
        var whole = new JsonObject
        {
            ["protocol"] = protocol,
            ["settings"] = Sorted(JsonNode.Parse(order.Settings)),
            ["inputs"] = inputs,
            ["seed"] = order.Seed,
        };
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(whole)));
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}

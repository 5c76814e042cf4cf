using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mlops.Contracts;

namespace Mlops.Platform.Jobs;

/// <summary>
/// The digest of everything a job's result depends on: the worker's protocol and code, settings, input digests, seed.
/// Equal keys mean equal results, so the key names the result and its checkpoints.
/// </summary>
/// <param name="Digest">64 lower-case hexadecimal digits; neither run, job name nor attempt take part.</param>
/// <param name="Parts">What it was made of, by name: <c>settings.steps</c>, <c>inputs.model</c>, <c>seed</c>.</param>
public sealed record JobKey(string Digest, IReadOnlyDictionary<string, string> Parts)
{
    /// <summary>The key of an order that this worker does.</summary>
    public static JobKey Of(IJobWorker worker, JobOrder order) =>
        Of(worker.Protocol, CodeVersion.Of(worker.GetType().Assembly), order);

    /// <summary>The key of an order.</summary>
    /// <param name="protocol">Name and version of the work, see <see cref="IJobWorker.Protocol"/>.</param>
    /// <param name="code">Version of each assembly of the work.</param>
    public static JobKey Of(string protocol, IReadOnlyDictionary<string, string> code, JobOrder order)
    {
        var parts = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["protocol"] = protocol, ["seed"] = order.Seed.ToString(CultureInfo.InvariantCulture),
        };
        foreach (var (assembly, version) in code)
            parts[$"code.{assembly}"] = version;
        foreach (var (role, input) in order.Inputs)
            parts[$"inputs.{role}"] = input.Sha256;
        foreach (var (option, value) in Settings(order.Settings))
            parts[$"settings.{option}"] = value;
        return new(Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(parts))), parts);
    }

    private static IEnumerable<KeyValuePair<string, string>> Settings(string json) =>
        ((JsonObject)JsonNode.Parse(json)!).Select(option => KeyValuePair.Create(
            option.Key, Sorted(option.Value)?.ToJsonString() ?? "null"));

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}

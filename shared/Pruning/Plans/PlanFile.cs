using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Diffusion.Weights;
using Mlops.Pruning.Steps;

namespace Mlops.Pruning.Plans;

/// <summary>Reads and writes <c>pruning_plan.json</c>, strictly: what is not understood is refused.</summary>
public static class PlanFile
{
    private const string Format = "mlops.pruning-plan/1";
    private const int MaxTimesteps = 1_000_000;

    internal static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>Writes the plan into a folder under its usual name.</summary>
    public static void Save(PruningPlan plan, string folder) =>
        File.WriteAllText(Path.Combine(folder, PruningPlan.FileName), ToJson(plan), new UTF8Encoding(false));

    /// <summary>Reads the plan of a folder.</summary>
    /// <exception cref="FileNotFoundException">The folder has none.</exception>
    /// <exception cref="InvalidDataException">The file is not a plan; the message says what is wrong.</exception>
    public static PruningPlan Load(string folder)
    {
        var path = Path.Combine(folder, PruningPlan.FileName);
        if (!File.Exists(path))
            throw new FileNotFoundException(
                $"'{path}' is missing; name a folder that a search, co-finetuning or export job wrote", path);

        return FromJson(File.ReadAllText(path), path);
    }

    /// <summary>The plan as JSON, one variant a line.</summary>
    public static string ToJson(PruningPlan plan)
    {
        var text = new StringBuilder("{\n");
        text.Append($"  \"format\": {Json(Format)},\n  \"method\": {Json(plan.Method)},\n");
        text.Append($"  \"timesteps\": {plan.Timesteps},\n");
        text.Append($"  \"rows\": {Json(plan.Rows.Select(row => new[] { row.Variant, row.Length }))},\n");
        text.Append("  \"variants\": [\n    ");
        text.AppendJoin(",\n    ", plan.Variants.Select(variant => Json(new VariantJson(
            [.. variant.Skip], variant.Keep.OrderBy(entry => entry.Key, StringComparer.Ordinal)
                .ToDictionary(entry => entry.Key, entry => entry.Value.ToArray()),
            variant.Pack))));
        text.Append($"\n  ],\n  \"kept_ratio\": {Json(plan.KeptRatio)}");
        if (plan.Steps is { } steps)
            text.Append($",\n  \"steps\": {StepTableJson.ToJson(steps)}");
        return text.Append("\n}\n").ToString();
    }

    /// <summary>Reads a plan from JSON; <paramref name="source"/> names it in messages.</summary>
    public static PruningPlan FromJson(string json, string source)
    {
        var read = Parse(json, source);
        Require(read.Format == Format, source, $"has format '{read.Format}'; this program reads '{Format}'");
        Require(read.KeptRatio is > 0 and <= 1, source, $"has kept_ratio {read.KeptRatio}; it must be in (0, 1]");
        Require(read.Timesteps is > 0 and <= MaxTimesteps, source,
            $"has {read.Timesteps} timesteps; it must be in [1, {MaxTimesteps}]");
        Require(read.Variants.All(variant => variant?.Skip.All(name => name is not null) ?? false), source,
            "has null where a variant or a layer name must stand");
        Require(read.Rows.All(row => row is { Length: 2 } && row[1] > 0), source,
            "has a row that is not [variant, length] with a positive length");
        Require(read.Rows.All(row => row![0] >= 0 && row[0] < read.Variants.Length), source,
            $"has a row that names a variant outside [0, {read.Variants.Length})");
        var covered = read.Rows.Sum(row => (long)row![1]);
        Require(covered == read.Timesteps, source, $"has rows for {covered} timesteps but says {read.Timesteps}");
        var variants = read.Variants.Select((variant, index) => Variant(variant!, index, source)).ToArray();
        var table = read.Rows.SelectMany(row => Enumerable.Repeat(variants[row![0]], row[1]));
        var steps = read.Steps is { } element ? StepTableJson.FromJson(element.GetRawText(), source) : null;
        var plan = PruningPlan.FromTable(read.Method, [.. table], read.KeptRatio);
        // Steps name variants by their place, and the plan puts them in the order in which rows name them.
        Require(steps is null || plan.Variants.SequenceEqual(variants), source,
            "has a step table, and variants that are twice there or in another order than the rows name them");
        return plan.WithSteps(steps);
    }

    private static PlanJson Parse(string json, string source)
    {
        try
        {
            return JsonSerializer.Deserialize<PlanJson>(json, Strict)
                ?? throw new InvalidDataException($"'{source}' holds no pruning plan but null");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{source}' is not a pruning plan: {exception.Message}", exception);
        }
    }

    private static PlanVariant Variant(VariantJson variant, int index, string source)
    {
        foreach (var (root, channels) in variant.Keep)
        {
            Require(channels is { Length: > 0 }, source, $"keeps no channel of '{root}' in variant {index}");
            Require(channels[0] >= 0 && channels.Zip(channels.Skip(1)).All(pair => pair.First < pair.Second), source,
                $"must list the channels of '{root}' in variant {index} in ascending order, each once");
        }

        Require(variant.Pack is null or [_, ..] && variant.Pack?.Contains(StoredTensors.SetSeparator) is not true,
            source, $"has the pack '{variant.Pack}' in variant {index}, which is no name");
        return new PlanVariant(
            variant.Skip, variant.Keep.ToDictionary(entry => entry.Key, entry => (IReadOnlyList<long>)entry.Value),
            variant.Pack);
    }

    private static void Require(bool holds, string source, string complaint)
    {
        if (!holds)
            throw new InvalidDataException($"'{source}' {complaint}");
    }

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, Strict);

    private sealed record PlanJson(
        string Format, string Method, int Timesteps, int[]?[] Rows, VariantJson?[] Variants, double KeptRatio,
        JsonElement? Steps = null);

    private sealed record VariantJson(
        string[] Skip, Dictionary<string, long[]> Keep,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Pack = null);
}

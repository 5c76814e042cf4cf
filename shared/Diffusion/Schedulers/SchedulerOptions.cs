using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mlops.Diffusion.Schedulers;

/// <summary>Reads <c>scheduler_config.json</c> strictly: a wrong type
/// or an option nobody understands is refused by name.</summary>
public sealed class SchedulerOptions
{
    // Saved by the reference library for other scheduler classes; it ignores them where a class lacks them, so do we.
    private static readonly HashSet<string> OfOtherClasses =
    [
        "skip_prk_steps", "clip_sample", "clip_sample_range", "set_alpha_to_one", "sample_max_value", "thresholding",
        "dynamic_thresholding_ratio", "variance_type", "interpolation_type", "use_karras_sigmas", "algorithm_type",
        "solver_order", "solver_type", "lower_order_final", "timestep_type", "final_sigmas_type", "beta_start",
        "beta_end", "beta_schedule", "trained_betas", "steps_offset", "timestep_spacing", "prediction_type",
        "rescale_betas_zero_snr", "use_lu_lambdas", "euler_at_final", "lambda_min_clipped",
    ];

    private readonly JsonObject _json;
    private readonly HashSet<string> _read = [];

    /// <summary>Wraps the parsed file.</summary>
    public SchedulerOptions(JsonObject json)
    {
        _json = json;
        ClassName = Text("_class_name", "");
    }

    /// <summary>The scheduler class that the file names.</summary>
    public string ClassName { get; }

    /// <summary>A copy of the whole file, to be saved with a model.</summary>
    public JsonObject ToJson() => (JsonObject)_json.DeepClone();

    /// <summary>A number, or <paramref name="fallback"/> where the
    /// key is absent; null in the file means null.</summary>
    public double? NumberOrNull(string key, double? fallback = null)
    {
        if (!Find(key, out var node))
            return fallback;
        if (node is null)
            return null;
        if (node is JsonValue value && value.TryGetValue<double>(out var number))
            return number;
        if (node.GetValueKind() == JsonValueKind.String)
            return node.GetValue<string>() switch
            {
                "-Infinity" => double.NegativeInfinity,
                "Infinity" => double.PositiveInfinity,
                var text when double.TryParse(text, CultureInfo.InvariantCulture, out var parsed) => parsed,
                _ => throw Wrong(key, node, "a number"),
            };

        throw Wrong(key, node, "a number");
    }

    /// <summary>A number that must not be null.</summary>
    public double Number(string key, double fallback) =>
        NumberOrNull(key, fallback) ?? throw Wrong(key, null, "a number");

    /// <summary>A whole number within a range.</summary>
    public int Whole(string key, int fallback, int min, int max = int.MaxValue)
    {
        var number = Number(key, fallback);
        if (number != Math.Floor(number) || number < min || number > max)
            throw Wrong(key, JsonValue.Create(number), $"a whole number in [{min}, {max}]");

        return (int)number;
    }

    /// <summary>A switch; null in the file means off.</summary>
    public bool Flag(string key, bool fallback)
    {
        if (!Find(key, out var node))
            return fallback;
        if (node is null)
            return false;

        return node is JsonValue value && value.TryGetValue<bool>(out var flag)
            ? flag
            : throw Wrong(key, node, "true or false");
    }

    /// <summary>A text; null in the file gives <paramref name="fallback"/>.</summary>
    public string Text(string key, string fallback)
    {
        if (!Find(key, out var node) || node is null)
            return fallback;

        return node is JsonValue value && value.TryGetValue<string>(out var text)
            ? text
            : throw Wrong(key, node, "a text");
    }

    /// <summary>One of the listed words.</summary>
    public string Choice(string key, string fallback, params string[] known)
    {
        var text = Text(key, fallback);
        return known.Contains(text)
            ? text
            : throw Wrong(key, JsonValue.Create(text), "one of " + string.Join(", ", known));
    }

    /// <summary>A list of numbers, or null where absent or null.</summary>
    public double[]? Numbers(string key)
    {
        if (!Find(key, out var node) || node is null)
            return null;

        return node is JsonArray list
            ? [.. list.Select(item => item is JsonValue value && value.TryGetValue<double>(out var number)
                ? number
                : throw Wrong(key, item, "a list of numbers"))]
            : throw Wrong(key, node, "a list of numbers");
    }

    /// <summary>Call after the last read: refuses every option that
    /// is switched on but that the class does not know.</summary>
    /// <exception cref="ArgumentException">names the options.</exception>
    public void RefuseUnknown()
    {
        var unknown = _json
            .Where(pair => !pair.Key.StartsWith('_') && !_read.Contains(pair.Key) && !OfOtherClasses.Contains(pair.Key))
            .Where(pair => pair.Value is not null && pair.Value.GetValueKind() != JsonValueKind.False)
            .Select(pair => $"{pair.Key} = {pair.Value!.ToJsonString()}")
            .ToList();
        if (unknown.Count > 0)
            throw new ArgumentException(
                $"scheduler_config.json: {ClassName} does not support {string.Join(", ", unknown)}; remove it "
                + "or set it to null.");
    }

    /// <summary>The error for a value that is not what the option takes.</summary>
    public ArgumentException Wrong(string key, JsonNode? value, string expected) => new(
        $"scheduler_config.json: {ClassName} option {key} is {value?.ToJsonString() ?? "null"}, but must be "
        + $"{expected}.");

    private bool Find(string key, out JsonNode? node)
    {
        _read.Add(key);
        return _json.TryGetPropertyValue(key, out node);
    }
}

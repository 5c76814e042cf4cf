using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mlops.Diffusion.Schedulers;

/// <summary>Loads and saves <c>scheduler_config.json</c> by class name.</summary>
public static class NoiseSchedulers
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    // Python writes the bare words Infinity and NaN, which are not JSON.
    private static readonly string[] BareWords = ["-Infinity", "Infinity", "NaN"];

    private static readonly SortedDictionary<string, Func<SchedulerOptions, NoiseScheduler>> Known =
        new(StringComparer.Ordinal)
        {
            ["DDIMScheduler"] = options => new DdimScheduler(options),
            ["DDPMScheduler"] = options => new DdpmScheduler(options),
            ["DPMSolverMultistepScheduler"] = options => new DpmSolverScheduler(options),
            ["EulerDiscreteScheduler"] = options => new EulerScheduler(options),
            ["FlowMatchEulerDiscreteScheduler"] = options => new FlowMatchEulerScheduler(options),
        };

    /// <summary>The class names that can be loaded.</summary>
    public static IReadOnlyCollection<string> Names => Known.Keys;

    /// <summary>Reads a file, or a folder that holds <c>scheduler_config.json</c> or
    /// <c>scheduler/scheduler_config.json</c>.</summary>
    /// <exception cref="FileNotFoundException">there is none.</exception>
    /// <exception cref="InvalidDataException">it is not JSON.</exception>
    /// <exception cref="ArgumentException">its class or one of its options is unknown.</exception>
    public static NoiseScheduler Load(string path)
    {
        string[] candidates = Directory.Exists(path)
            ? [Path.Combine(path, "scheduler_config.json"), Path.Combine(path, "scheduler", "scheduler_config.json")]
            : [path];
        var file = candidates.FirstOrDefault(File.Exists) ?? throw new FileNotFoundException(
            $"{path} holds no scheduler_config.json; a diffusers model folder has one beside the weights or in "
            + "scheduler/.");
        try
        {
            return Parse(File.ReadAllText(file));
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{file} is not a JSON object: {exception.Message}", exception);
        }
    }

    /// <summary>Makes a scheduler from the text of a file.</summary>
    public static NoiseScheduler Parse(string json) => From(
        JsonNode.Parse(QuoteBareWords(json)) as JsonObject
        ?? throw new JsonException("the top level is not an object"));

    /// <summary>Makes a scheduler from its parsed options.</summary>
    public static NoiseScheduler From(JsonObject json)
    {
        var options = new SchedulerOptions(json);
        return Known.TryGetValue(options.ClassName, out var make)
            ? make(options)
            : throw new ArgumentException(
                $"scheduler_config.json: _class_name is \"{options.ClassName}\", but known are "
                + $"{string.Join(", ", Known.Keys)}; use a model that was trained for the noise of one of them.");
    }

    /// <summary>Another sampler for the same noise and the same network: options that both classes know are kept, the
    /// rest takes the class's defaults.</summary>
    /// <param name="className">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">the class is unknown, or one of them is for flow matching only.</exception>
    public static NoiseScheduler Convert(NoiseScheduler scheduler, string className)
    {
        var json = scheduler.Options.ToJson();
        if (json["_class_name"]!.GetValue<string>() == className)
            return From(json);
        json["_class_name"] = className;
        if (className == "DPMSolverMultistepScheduler")
            AdaptToSolver(scheduler, json);
        var converted = From(json);
        return converted.Prediction == scheduler.Prediction
            ? converted
            : throw new ArgumentException(
                $"a network that predicts {scheduler.Prediction} cannot be sampled with {className}; "
                + "choose another sampler.");
    }

    /// <summary>The scheduler of the reference library that takes own timesteps and does the same: itself, but for
    /// DDIM with ε from the clipped x_0, which is DPM-Solver++ of order 1 (Lu et al. 2022b).</summary>
    /// <exception cref="ArgumentException">DDIM clips x_0 in a way that the solver cannot.</exception>
    public static NoiseScheduler TakingTimesteps(NoiseScheduler scheduler)
    {
        if (scheduler is not DdimScheduler ddim)
            return scheduler;
        if (ddim.ClipsElsewhere)
            throw new ArgumentException(
                "DDIMScheduler takes timesteps of its own only with clip_sample_range 1 or without clip_sample; choose "
                + "another sampler");
        var json = Convert(scheduler, "DPMSolverMultistepScheduler").Options.ToJson();
        json["solver_order"] = 1.0;
        if (!scheduler.Options.Flag("set_alpha_to_one", true))
            json["final_sigmas_type"] = "sigma_min";
        return From(json);
    }

    /// <summary>The whole timesteps of a spacing of the reference library (<c>trailing</c>, …).</summary>
    /// <returns>Null where that is the scheduler's own.</returns>
    /// <exception cref="ArgumentException">It has no spacings.</exception>
    public static IReadOnlyList<int>? Spaced(NoiseScheduler scheduler, string spacing, int steps)
    {
        var json = scheduler.Options.ToJson();
        if (scheduler.Prediction == PredictionKind.Flow)
            throw new ArgumentException(
                $"{scheduler.Options.ClassName} has no timestep spacing '{spacing}'; leave the grid out, or take tors");
        scheduler.SetTimesteps(steps);
        var own = scheduler.Timesteps;
        json["timestep_spacing"] = spacing;
        var spaced = From(json);
        spaced.SetTimesteps(steps);
        return spaced.Timesteps.SequenceEqual(own) ? null : [.. spaced.Timesteps.Select(t => (int)Math.Round(t))];
    }

    /// <summary>Writes <c>scheduler_config.json</c> into a folder.</summary>
    public static void Save(NoiseScheduler scheduler, string folder) =>
        File.WriteAllText(Path.Combine(folder, "scheduler_config.json"), ToText(scheduler));

    /// <summary>The text of <c>scheduler_config.json</c>.</summary>
    public static string ToText(NoiseScheduler scheduler)
    {
        var text = scheduler.Options.ToJson().ToJsonString(Indented);
        foreach (var word in BareWords)
            text = text.Replace($": \"{word}\"", $": {word}", StringComparison.Ordinal);
        return text + "\n";
    }

    private static void AdaptToSolver(NoiseScheduler scheduler, JsonObject json)
    {
        // Near t = T the cosine schedule has almost no signal, and the solver would divide by it.
        if (json["beta_schedule"]?.GetValue<string>() == "squaredcos_cap_v2" && !json.ContainsKey("lambda_min_clipped"))
            json["lambda_min_clipped"] = -5.1;
        // The solver has no clip_sample; thresholding with its largest value at 1 does the same.
        if (scheduler is DdpmScheduler { ClipsToOne: true } or DdimScheduler { ClipsToOne: true })
            (json["thresholding"], json["sample_max_value"]) = (true, 1.0);
    }

    private static string QuoteBareWords(string json)
    {
        foreach (var word in BareWords)
            json = json.Replace($": {word}", $": \"{word}\"", StringComparison.Ordinal);
        return json;
    }
}

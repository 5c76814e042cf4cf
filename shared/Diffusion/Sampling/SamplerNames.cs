using Mlops.Diffusion.Schedulers;

namespace Mlops.Diffusion.Sampling;

/// <summary>Makes the sampler that a recipe names, with the noise schedule of a model folder.</summary>
public static class SamplerNames
{
    /// <summary>DDIM for variance-preserving models, Euler for flow
    /// matching: both draw no noise after the start.</summary>
    public const string Auto = "auto";

    private const string FlowClass = "FlowMatchEulerDiscreteScheduler";

    private static readonly SortedDictionary<string, string> Classes = new(StringComparer.Ordinal)
    {
        ["ddim"] = "DDIMScheduler",
        ["ddpm"] = "DDPMScheduler",
        ["dpm-solver"] = "DPMSolverMultistepScheduler",
        ["euler"] = "EulerDiscreteScheduler",
        ["flow-euler"] = FlowClass,
    };

    /// <summary>Every name that an option may have.</summary>
    public static IReadOnlyList<string> Known { get; } = [Auto, .. Classes.Keys];

    /// <summary>The short name that <paramref name="name"/> stands
    /// for with this model; only <c>auto</c> changes.</summary>
    public static string Resolve(string modelFolder, string name) => name != Auto
        ? name
        : Resolve(NoiseSchedulers.Load(modelFolder), name);

    /// <summary>The same for the model's own scheduler.</summary>
    public static string Resolve(NoiseScheduler own, string name) => name != Auto ? name : NameOf(Deterministic(own));

    /// <summary>The scheduler class that fits a model's and draws no noise after the start.</summary>
    public static string Deterministic(NoiseScheduler scheduler) =>
        scheduler.Options.ClassName == FlowClass ? FlowClass : Classes["ddim"];

    /// <summary>The short name of a scheduler's class.</summary>
    public static string NameOf(NoiseScheduler scheduler) => NameOf(scheduler.Options.ClassName);

    /// <summary>The scheduler class of a short name.</summary>
    public static string ClassOf(string name) => Classes[name];

    /// <summary>A sampler of the named method, which keeps betas and kind of prediction of the model's own
    /// scheduler.</summary>
    /// <exception cref="ArgumentException">The name is unknown, or the method does not fit the model.</exception>
    public static NoiseScheduler Load(string modelFolder, string name) =>
        Create(NoiseSchedulers.Load(modelFolder), name);

    /// <summary>The same from the model's own scheduler.</summary>
    /// <exception cref="ArgumentException">The name is unknown, or the method does not fit the model.</exception>
    public static NoiseScheduler Create(NoiseScheduler own, string name)
    {
        if (!Classes.TryGetValue(Resolve(own, name), out var wanted))
            throw new ArgumentException(
                $"sampler '{name}' is unknown; known are {Auto}, {string.Join(", ", Classes.Keys)}");
        if (wanted != own.Options.ClassName && (wanted == FlowClass || own.Options.ClassName == FlowClass))
            throw new ArgumentException(
                $"sampler '{name}' does not fit a model trained for {own.Options.ClassName}; use '{Auto}'");
        return NoiseSchedulers.Convert(own, wanted);
    }

    private static string NameOf(string className) => Classes.First(pair => pair.Value == className).Key;
}

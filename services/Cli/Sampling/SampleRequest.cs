using Mlops.Diffusion.Sampling;
using Mlops.Evaluation;

namespace Mlops.Cli.Sampling;

/// <summary>What a person wants to see.</summary>
/// <param name="Model">A model folder.</param>
/// <param name="Against">Another one, for comparison.</param>
/// <param name="Count">Pictures.</param>
/// <param name="Classes">Class numbers, taken in turn; null takes all of them.</param>
/// <param name="Steps">Sampler steps; null takes those of the model's step table, or the usual number.</param>
/// <param name="Sampler">Short name.</param>
/// <param name="Guidance">w; null takes that of the step table, or none.</param>
/// <param name="Seed">Every noise derives from it.</param>
public sealed record SampleRequest(
    string Model, string? Against, int Count, IReadOnlyList<long>? Classes, int? Steps, string Sampler,
    double? Guidance, long Seed)
{
    private const int MaxCount = 1024, MaxSteps = 1000;

    /// <summary>Refuses values that no model could serve.</summary>
    /// <exception cref="ArgumentException">One sentence.</exception>
    public SampleRequest Checked()
    {
        if (Count is < 1 or > MaxCount)
            throw new ArgumentException($"--count is {Count}, but must be 1 to {MaxCount}");
        if (Steps is < 1 or > MaxSteps)
            throw new ArgumentException($"--steps is {Steps}, but must be 1 to {MaxSteps}");
        if (!SamplerNames.Known.Contains(Sampler))
            throw new ArgumentException(
                $"--sampler '{Sampler}' is unknown; known are {string.Join(", ", SamplerNames.Known)}");
        if (Guidance is { } scale && !(double.IsFinite(scale) && scale >= 0))
            throw new ArgumentException(FormattableString.Invariant($"--guidance is {scale}, but must be at least 0"));
        return this;
    }

    /// <summary>The same as options of an evaluation, which resolves them in the same way.</summary>
    public EvaluationOptions ToOptions() => new() { Sampler = Sampler, Steps = Steps, Guidance = Guidance };
}

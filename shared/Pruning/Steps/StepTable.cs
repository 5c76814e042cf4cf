using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;

namespace Mlops.Pruning.Steps;

/// <summary>What a table was tuned to come near to.</summary>
public enum StepAim
{
    /// <summary>The dense network with the same sampler and steps.</summary>
    Sampler,

    /// <summary>The true trajectory: the same network with many small consistent steps.</summary>
    Fine,
}

/// <summary>One action per sampler step for the whole network. Tuned for one sampler, one number of steps and one
/// guidance; it says which, and serves no other.</summary>
/// <param name="Sampler">Short name: <c>ddim</c>, <c>dpm-solver</c>, …</param>
/// <param name="DenseSteps">Steps of the dense run that it replaces; another number only where steps were left out.
/// </param>
/// <param name="Guidance">w of classifier-free guidance; 1 is none.</param>
/// <param name="UseClippedModelOutput">Whether DDIM takes ε from the clipped x_0, and so stays a discretisation of the
/// ODE.</param>
/// <param name="Aim">What it was tuned to come near to.</param>
/// <param name="Actions">One per step, noisiest first.</param>
public sealed record StepTable(
    string Sampler, int DenseSteps, double Guidance, bool UseClippedModelOutput, StepAim Aim,
    IReadOnlyList<StepAction> Actions)
{
    /// <summary>More steps than any sampler takes.</summary>
    public const int MaxSteps = 1000;

    /// <summary>Beyond this a forecast is no longer one.</summary>
    public const double MaxBeta = 4;

    /// <summary>Twice as far from a timestep as the loader of an export still takes a time for it, so that no time is
    /// that of two steps.</summary>
    public const double LeastFall = 0.02;

    /// <summary>Own native timesteps, one per step; null: the sampler's usual grid.</summary>
    public IReadOnlyList<int>? Timesteps { get; init; }

    /// <summary>Sampler of the dense run that it replaces; null: the same.</summary>
    public string? DenseSampler { get; init; }

    /// <summary>Sampler steps.</summary>
    public int Steps => Actions.Count;

    /// <summary>Steps that call the whole network.</summary>
    public int Runs => Actions.Count(action => action is StepAction.Run);

    /// <summary>Refuses a table that no sampler could follow.</summary>
    /// <param name="source">Names it in messages.</param>
    /// <exception cref="InvalidDataException">One sentence.</exception>
    public StepTable Checked(string source)
    {
        foreach (var name in (string[])[Sampler, DenseSampler ?? Sampler])
            Require(SamplerNames.Known.Contains(name) && name != SamplerNames.Auto, $"names the sampler '{name}', "
                + $"but known are {string.Join(", ", SamplerNames.Known.Where(name => name != SamplerNames.Auto))}");
        Require(Steps is >= 1 and <= MaxSteps, $"has {Steps} actions, but a table has 1 to {MaxSteps} steps");
        Require(DenseSteps is >= 1 and <= MaxSteps, $"has {DenseSteps} dense steps, but they must be 1 to {MaxSteps}");
        Require(double.IsFinite(Guidance), $"has guidance {Guidance}, but it must be a finite number");
        Require(Enum.IsDefined(Aim), "has an unknown aim");
        Require(
            Actions[0] is not StepAction.Partial, "reuses layers in its first step, before any of them has run");
        Require(Actions[0] is StepAction.Run, "forecasts its first step, where there is nothing to forecast from");
        Require(
            Actions.OfType<StepAction.Partial>().Select(partial => partial.Carry).Distinct().Count() < 2,
            "carries residuals in some steps and outputs in others; it must be one of them");
        if (Timesteps is not null)
            Require(GridRefusal(Timesteps, Steps) is null, $"has {GridRefusal(Timesteps, Steps)}");
        Require(Timesteps is null || Sampler != "ddim" || UseClippedModelOutput, "has timesteps of its own for ddim, "
            + "which then must take the noise from the clipped sample; set use_clipped_model_output");
        foreach (var action in Actions)
            Require(
                action switch
                {
                    StepAction.Run run => run.Variant >= 0,
                    StepAction.Forecast next => Enum.IsDefined(next.Kind) && Math.Abs(next.Beta) <= MaxBeta
                        && Math.Abs(next.Gamma) <= MaxBeta,
                    StepAction.Partial partial => Math.Abs(partial.Beta) <= MaxBeta && partial.Layers.Count > 0
                        && partial.Layers.Distinct(StringComparer.Ordinal).Count() == partial.Layers.Count,
                    _ => false,
                },
                action is StepAction.Partial
                    ? $"has an action whose beta is outside [-{MaxBeta}, {MaxBeta}], or whose layers are none or twice "
                        + "there"
                    : "has an action that runs no variant and forecasts nothing with beta and gamma in "
                        + $"[-{MaxBeta}, {MaxBeta}]");
        return this;

        void Require(bool holds, string complaint)
        {
            if (!holds)
                throw new InvalidDataException($"the step table of '{source}' {complaint}");
        }
    }

    /// <summary>Refuses a network that lacks a layer which a step carries on.</summary>
    /// <exception cref="InvalidDataException">One sentence.</exception>
    public void CheckLayers(Denoiser network)
    {
        foreach (var partial in Actions.OfType<StepAction.Partial>())
        {
            var known = network.Cacheable.Where(layer => layer.IsResidual || partial.Carry == LayerCarry.Output)
                .Select(layer => layer.Name).ToHashSet(StringComparer.Ordinal);
            if (partial.Layers.FirstOrDefault(layer => !known.Contains(layer)) is { } stranger)
                throw new InvalidDataException(
                    $"the step table carries on '{stranger}', but this model has no such layer with "
                    + $"{(partial.Carry == LayerCarry.Output ? "an output" : "a residual")} to keep; use the table "
                    + "with the model it was made for");
        }
    }

    /// <summary>Why so many steps cannot be at these timesteps, as the end of a sentence; null if they can.</summary>
    public static string? GridRefusal(IReadOnlyList<int> timesteps, int steps) =>
        timesteps.Count < 2 ? $"{timesteps.Count} timesteps, but a grid has at least 2"
        : timesteps.Count != steps ? $"{timesteps.Count} timesteps for {steps} steps"
        : timesteps[^1] < 0 ? $"the timestep {timesteps[^1]}, but timesteps are at least 0"
        : Enumerable.Range(1, steps - 1).FirstOrDefault(i => timesteps[i] >= timesteps[i - 1]) is > 0 and var at
            ? $"timestep {timesteps[at]} after {timesteps[at - 1]}, but timesteps must fall and none may come twice"
        : null;

    /// <summary>Refuses a sampler that revisits or reorders timesteps, or hardly moves: the steps of a table are told
    /// apart by them.</summary>
    /// <exception cref="InvalidDataException">One sentence.</exception>
    public static void CheckGrid(string sampler, int steps, IReadOnlyList<double> timesteps)
    {
        var complaint = timesteps.Count != steps ? $"has {timesteps.Count} timesteps"
            : Enumerable.Range(1, steps - 1).FirstOrDefault(i => timesteps[i - 1] - timesteps[i] <= LeastFall) is > 0
                and var at ? FormattableString.Invariant($"visits timestep {timesteps[at]} after {timesteps[at - 1]}")
            : null;
        if (complaint is not null)
            throw new InvalidDataException(FormattableString.Invariant(
                $"{sampler} with {steps} steps {complaint}, but a step table needs one for each step, each more than ")
                + FormattableString.Invariant($"{LeastFall} below the last; take fewer steps, or leave re-spaced ")
                + "sigmas out of the model's scheduler_config.json");
    }

    /// <summary>Refuses a sampling run that the table was not made for.</summary>
    /// <exception cref="InvalidDataException">One sentence.</exception>
    public void CheckRun(string sampler, int steps, double guidance, bool useClippedModelOutput)
    {
        var (mine, asked) = (Name(Sampler, Steps, Guidance, UseClippedModelOutput),
            Name(sampler, steps, guidance, useClippedModelOutput));
        if (mine != asked)
            throw new InvalidDataException(
                $"the step table is for {mine}, but the run asks for {asked}; leave these settings out, or search "
                + "a table for them");
    }

    /// <summary>Equal when every action and setting is.</summary>
    public bool Equals(StepTable? other) =>
        other is not null && (Sampler, DenseSampler, DenseSteps, Guidance, UseClippedModelOutput, Aim)
            == (other.Sampler, other.DenseSampler, other.DenseSteps, other.Guidance, other.UseClippedModelOutput,
                other.Aim)
        && (Timesteps ?? []).SequenceEqual(other.Timesteps ?? []) && Actions.SequenceEqual(other.Actions);

    public override int GetHashCode() => HashCode.Combine(Sampler, Steps, Runs, Guidance, Aim);

    private static string Name(string sampler, int steps, double guidance, bool clipped) => FormattableString.Invariant(
        $"{sampler} with {steps} steps, guidance {guidance} and use-clipped-model-output {(clipped ? "on" : "off")}");
}

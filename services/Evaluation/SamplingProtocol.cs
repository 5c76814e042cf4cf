using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Steps;

namespace Mlops.Evaluation;

/// <summary>How both models are sampled; the step table of either decides where there is one.</summary>
/// <param name="Sampler">Short name.</param>
/// <param name="DenseSteps">Sampler steps of the dense model.</param>
/// <param name="PrunedSteps">Sampler steps of the pruned model; either has fewer only where its table left some out.
/// </param>
/// <param name="Guidance">w; 1 is none.</param>
/// <param name="Step">Options of the method.</param>
public sealed record SamplingProtocol(
    string Sampler, int DenseSteps, int PrunedSteps, double Guidance, StepOptions Step)
{
    private const int DefaultSteps = 20;

    /// <summary>Sampler of the pruned model; another only where its table says so.</summary>
    public string PrunedSampler { get; init; } = Sampler;

    /// <summary>The dense model's, where a table of its own takes another.</summary>
    public string DenseSampler { get; init; } = Sampler;

    /// <summary>Whether both models pass the same states.</summary>
    public bool SharesGrid { get; init; } = true;

    /// <summary>Sampler and steps in one word, for protocols.</summary>
    public string Name => $"{Sampler}{DenseSteps}{(Step.UseClippedModelOutput ? " clipped-output" : "")}"
        + (Guidance == 1 ? "" : FormattableString.Invariant($" guidance{Guidance}"));

    /// <summary>What the options ask for, in agreement with the step tables.</summary>
    /// <param name="pruned">The table of the pruned model; null without one.</param>
    /// <param name="scheduler">The dense model's own, from which both samplers are made.</param>
    /// <param name="dense">The table of the dense model, where that is pruned already.</param>
    /// <exception cref="InvalidDataException">They ask for something that a table does not serve.</exception>
    public static SamplingProtocol Resolve(
        EvaluationOptions options, StepTable? pruned, NoiseScheduler scheduler, StepTable? dense = null)
    {
        var table = pruned ?? dense;
        var sampler = table is not null && options.Sampler == SamplerNames.Auto
            ? table.DenseSampler ?? table.Sampler
            : SamplerNames.Resolve(scheduler, options.Sampler);
        var steps = options.Steps ?? table?.DenseSteps ?? DefaultSteps;
        var guidance = options.Guidance ?? table?.Guidance ?? 1;
        var clipped = options.UseClippedModelOutput ?? table?.UseClippedModelOutput ?? false;
        var (denseSteps, denseSampler) = RunOf(dense);
        var (prunedSteps, prunedSampler) = RunOf(pruned);
        return new(sampler, denseSteps, prunedSteps, guidance, new StepOptions(UseClippedModelOutput: clipped))
        {
            DenseSampler = denseSampler, PrunedSampler = prunedSampler,
            SharesGrid = denseSteps == prunedSteps && denseSampler == prunedSampler
                && (dense?.Timesteps ?? []).SequenceEqual(pruned?.Timesteps ?? []),
        };

        (int Steps, string Sampler) RunOf(StepTable? own)
        {
            // A table with fewer steps is still for the dense run that it was derived from.
            var made = own is not null && steps == own.DenseSteps ? own.Steps : steps;
            var follows = own?.DenseSampler == sampler ? own.Sampler : sampler;
            own?.CheckRun(follows, made, guidance, clipped);
            return (made, follows);
        }
    }
}

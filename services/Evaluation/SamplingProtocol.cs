using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Steps;

namespace Mlops.Evaluation;

/// <summary>How both models are sampled; a step table decides where there is one.</summary>
/// <param name="Sampler">Short name.</param>
/// <param name="DenseSteps">Sampler steps of the dense model.</param>
/// <param name="PrunedSteps">Sampler steps of the pruned model; fewer only where its table left steps out.</param>
/// <param name="Guidance">w; 1 is none.</param>
/// <param name="Step">Options of the method.</param>
public sealed record SamplingProtocol(
    string Sampler, int DenseSteps, int PrunedSteps, double Guidance, StepOptions Step)
{
    private const int DefaultSteps = 20;

    /// <summary>Sampler of the pruned model; another only where its table says so.</summary>
    public string PrunedSampler { get; init; } = Sampler;

    /// <summary>Whether both models pass the same states.</summary>
    public bool SharesGrid { get; init; } = true;

    /// <summary>Sampler and steps in one word, for protocols.</summary>
    public string Name => $"{Sampler}{DenseSteps}{(Step.UseClippedModelOutput ? " clipped-output" : "")}"
        + (Guidance == 1 ? "" : FormattableString.Invariant($" guidance{Guidance}"));

    /// <summary>What the options ask for, in agreement with the step table.</summary>
    /// <exception cref="InvalidDataException">They ask for something that the table does not serve.</exception>
    public static SamplingProtocol Resolve(EvaluationOptions options, StepTable? table, string modelFolder)
    {
        var sampler = table is not null && options.Sampler == SamplerNames.Auto
            ? table.DenseSampler ?? table.Sampler
            : SamplerNames.Resolve(modelFolder, options.Sampler);
        var steps = options.Steps ?? table?.DenseSteps ?? DefaultSteps;
        var guidance = options.Guidance ?? table?.Guidance ?? 1;
        var clipped = options.UseClippedModelOutput ?? table?.UseClippedModelOutput ?? false;
        // A table with fewer steps is still for the dense run that it was derived from.
        var pruned = table is null ? steps : steps == table.DenseSteps ? table.Steps : steps;
        var follows = table?.DenseSampler == sampler ? table.Sampler : sampler;
        table?.CheckRun(follows, pruned, guidance, clipped);
        return new(sampler, steps, pruned, guidance, new StepOptions(UseClippedModelOutput: clipped))
        {
            PrunedSampler = follows,
            SharesGrid = steps == pruned && sampler == follows && table?.Timesteps is null,
        };
    }
}

using Mlops.Diffusion.Data;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Metrics;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.Evaluation;

/// <summary>The two models under comparison and the images they are held against. The dense one is the model that the
/// run was given: one that is pruned already runs as its plan says.</summary>
public sealed class EvaluationInputs : IDisposable
{
    private EvaluationInputs(string denseFolder, string prunedFolder, Placement placement)
    {
        (DenseFolder, PrunedFolder, Device) = (denseFolder, prunedFolder, placement.Device);
        DenseParts = PrunedModel.Load(denseFolder, placement);
        PrunedParts = PrunedModel.Load(prunedFolder, placement);
        Dense.eval();
        Pruned.eval();
    }

    /// <summary>Folder of the dense model.</summary>
    public string DenseFolder { get; }

    /// <summary>Folder of the pruned model.</summary>
    public string PrunedFolder { get; }

    /// <summary>Where both models are.</summary>
    public Device Device { get; }

    /// <summary>The dense model, or what was given in its place, with its plan.</summary>
    public PrunedModel DenseParts { get; }

    /// <summary>The dense model as a sampler calls it.</summary>
    public Denoiser Dense => DenseParts.Model;

    /// <summary>The pruned model with its plan.</summary>
    public PrunedModel PrunedParts { get; }

    /// <summary>The pruned model as a sampler calls it.</summary>
    public Denoiser Pruned => PrunedParts.Model;

    /// <summary>Held-out images; null if the job was given none.</summary>
    public ImageSet? Images { get; private init; }

    /// <summary>The network in whose features distributions are compared; null takes the dense model.</summary>
    public FeatureNetwork? Features { get; private init; }

    /// <summary>How both models are sampled.</summary>
    public required SamplingProtocol Sampling { get; init; }

    /// <summary>Steps of the dense model for the MACs of the pruned model's image; null where nobody asked, or where
    /// they are not fewer.</summary>
    public int? FewerSteps { get; private set; }

    /// <summary>Short name of the sampler.</summary>
    public string Sampler => Sampling.Sampler;

    /// <summary>Says so where the dense model is none; empty where it is.</summary>
    public IEnumerable<string> Reference => DenseParts.Plan is not { } plan ? [] :
    [
        FormattableString.Invariant(
            $"the column 'dense' is the model that was given, which is pruned already ({plan.Method}, ")
        + FormattableString.Invariant($"{plan.KeptRatio:0.0%} of its own dense model's MACs a call) and runs as its ")
        + "plan says",
    ];

    /// <summary>Loads all inputs of a job.</summary>
    /// <exception cref="InvalidDataException">The models or images do not fit each other.</exception>
    public static async Task<EvaluationInputs> LoadAsync(
        JobContext job, EvaluationOptions options, CancellationToken cancellationToken)
    {
        var dense = await job.FolderAsync("model", cancellationToken);
        var pruned = await job.FolderAsync("pruned", cancellationToken);
        var sampling = SamplingProtocol.Resolve(
            options, PrunedModel.StepsIn(pruned), NoiseSchedulers.Load(dense), PrunedModel.StepsIn(dense));
        var images = job.Order.Inputs.ContainsKey("data")
            ? ImageSet.Open(await job.FolderAsync("data", cancellationToken), DataSplit.Test)
            : null;
        var features = job.Order.Inputs.ContainsKey("features")
            ? await job.FolderAsync("features", cancellationToken)
            : null;
        var inputs = new EvaluationInputs(dense, pruned, Placement.Create(job.Device, options.Precision, job.Warn))
        {
            Images = images,
            Features = features is null ? null : FeatureNetwork.Load(features, new(job.Device)),
            Sampling = sampling,
        };
        inputs.Check();
        inputs.FewerSteps = options.FewerSteps ? inputs.AffordableSteps() : null;
        return inputs;
    }

    /// <summary>What one image costs with either model.</summary>
    public (StepCosts Dense, StepCosts Pruned) Costs() =>
        (DenseCosts(Sampling.DenseSteps), Costs(PrunedParts, Sampling.PrunedSteps));

    /// <summary>The same of the dense model in another number of steps.</summary>
    public StepCosts DenseCosts(int steps) => Costs(DenseParts, steps);

    /// <summary>A fresh scheduler: each keeps the grid of its own run.</summary>
    public NoiseScheduler Scheduler() => SamplerNames.Load(DenseFolder, Sampler);

    /// <summary>Samples the dense model, by its step table where it has one.</summary>
    /// <returns>[N, C, H, W] in the caller's dispose scope.</returns>
    public Tensor SampleDense(
        Tensor noise, Tensor? labels, SamplerOptions options, Action<SamplerStep> onStep, CancellationToken token) =>
        Sample(
            DenseParts, Sampling.DenseSampler, noise, labels, options with { Steps = Sampling.DenseSteps }, onStep,
            token);

    /// <summary>Samples the dense model in another number of steps, which no table of its own may name.</summary>
    /// <returns>[N, C, H, W] in the caller's dispose scope.</returns>
    public Tensor SampleDense(
        int steps, Tensor noise, Tensor? labels, SamplerOptions options, Action<SamplerStep>? onStep,
        CancellationToken token) =>
        Sample(DenseParts, Sampler, noise, labels, options with { Steps = steps }, onStep, token);

    /// <summary>Samples the pruned model, by its step table where it has one.</summary>
    /// <returns>[N, C, H, W] in the caller's dispose scope.</returns>
    public Tensor SamplePruned(
        Tensor noise, Tensor? labels, SamplerOptions options, Action<SamplerStep> onStep, CancellationToken token) =>
        Sample(
            PrunedParts, Sampling.PrunedSampler, noise, labels, options with { Steps = Sampling.PrunedSteps }, onStep,
            token);

    /// <inheritdoc/>
    public void Dispose()
    {
        DenseParts.Dispose();
        PrunedParts.Dispose();
        Features?.Dispose();
    }

    private StepCosts Costs(PrunedModel model, int steps) =>
        model.Costs(Scheduler().NativeTimesteps(steps), Sampling.Guidance);

    // A table of the dense model's own serves no other number of steps.
    private int? AffordableSteps()
    {
        if (DenseParts.Steps is not null)
            return null;
        var budget = Costs().Pruned.Macs;
        // A budget that is a whole number of steps must not lose one to rounding.
        var steps = Enumerable.Range(1, Sampling.DenseSteps)
            .TakeWhile(steps => DenseCosts(steps).Macs <= budget * (1 + 1e-9)).Count();
        return steps >= 1 && steps < Sampling.DenseSteps ? steps : null;
    }

    private Tensor Sample(
        PrunedModel model, string sampler, Tensor noise, Tensor? labels, SamplerOptions options,
        Action<SamplerStep>? onStep, CancellationToken token) =>
        model.Sampler(
            SamplerNames.Load(DenseFolder, sampler), options with { Step = Sampling.Step }, Sampling.Guidance)
            .Sample(Guidance.Of(model.Model, Sampling.Guidance), noise, labels, onStep, token);

    private void Check()
    {
        Features?.CheckSees(Dense.SampleShape.Channels);
        if (Dense.SampleShape != Pruned.SampleShape)
            throw new InvalidDataException(
                $"the dense model makes samples of {Dense.SampleShape}, the pruned one of {Pruned.SampleShape}; "
                + "evaluate a pruned model against the model it was made from");
        if (Images is { } images)
            DataFit.CheckShape(images.Shape, Dense);
    }
}

using Mlops.Diffusion.Data;
using Mlops.Diffusion.Devices;
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

    /// <summary>How both models are sampled.</summary>
    public required SamplingProtocol Sampling { get; init; }

    /// <summary>Short name of the sampler.</summary>
    public string Sampler => Sampling.Sampler;

    /// <summary>Loads all inputs of a job.</summary>
    /// <exception cref="InvalidDataException">The models or images do not fit each other.</exception>
    public static async Task<EvaluationInputs> LoadAsync(
        JobContext job, EvaluationOptions options, CancellationToken cancellationToken)
    {
        var dense = await job.FolderAsync("model", cancellationToken);
        var pruned = await job.FolderAsync("pruned", cancellationToken);
        var sampling = SamplingProtocol.Resolve(
            options, PrunedModel.StepsIn(pruned), dense, PrunedModel.StepsIn(dense));
        var images = job.Order.Inputs.ContainsKey("data")
            ? ImageSet.Open(await job.FolderAsync("data", cancellationToken), DataSplit.Test)
            : null;
        var inputs = new EvaluationInputs(dense, pruned, Placement.Create(job.Device, options.Precision, job.Warn))
        {
            Images = images,
            Sampling = sampling,
        };
        inputs.Check();
        return inputs;
    }

    /// <summary>A fresh scheduler: each keeps the grid of its own run.</summary>
    public NoiseScheduler Scheduler() => SamplerNames.Load(DenseFolder, Sampler);

    /// <summary>Samples the dense model, by its step table where it has one.</summary>
    /// <returns>[N, C, H, W] in the caller's dispose scope.</returns>
    public Tensor SampleDense(
        Tensor noise, Tensor? labels, SamplerOptions options, Action<SamplerStep> onStep, CancellationToken token) =>
        Sample(DenseParts, noise, labels, options with { Steps = Sampling.DenseSteps }, onStep, token);

    /// <summary>Samples the pruned model, by its step table where it has one.</summary>
    /// <returns>[N, C, H, W] in the caller's dispose scope.</returns>
    public Tensor SamplePruned(
        Tensor noise, Tensor? labels, SamplerOptions options, Action<SamplerStep> onStep, CancellationToken token) =>
        Sample(PrunedParts, noise, labels, options with { Steps = Sampling.PrunedSteps }, onStep, token);

    /// <summary>What one image costs.</summary>
    /// <param name="model">One of the two.</param>
    /// <param name="steps">Its sampler steps.</param>
    public StepCosts Costs(PrunedModel model, int steps)
    {
        var scheduler = Scheduler();
        scheduler.SetTimesteps(steps);
        return model.Costs(
            [.. Enumerable.Range(0, scheduler.Timesteps.Count).Select(scheduler.NativeTimestep)], Sampling.Guidance);
    }

    /// <summary>Says so where the dense model is none; empty where it is.</summary>
    public IEnumerable<string> Reference => DenseParts.Plan is not { } plan ? [] :
    [
        FormattableString.Invariant(
            $"the column 'dense' is the model that was given, which is pruned already ({plan.Method}, ")
        + FormattableString.Invariant($"{plan.KeptRatio:0.0%} of its own dense model's MACs a call) and runs as its ")
        + "plan says",
    ];

    /// <inheritdoc/>
    public void Dispose()
    {
        DenseParts.Dispose();
        PrunedParts.Dispose();
    }

    private Tensor Sample(
        PrunedModel model, Tensor noise, Tensor? labels, SamplerOptions options, Action<SamplerStep> onStep,
        CancellationToken token) =>
        model.Sampler(Scheduler(), options with { Step = Sampling.Step }, Sampling.Guidance)
            .Sample(Guidance.Of(model.Model, Sampling.Guidance), noise, labels, onStep, token);

    private void Check()
    {
        if (Dense.SampleShape != Pruned.SampleShape)
            throw new InvalidDataException(
                $"the dense model makes samples of {Dense.SampleShape}, the pruned one of {Pruned.SampleShape}; "
                + "evaluate a pruned model against the model it was made from");
        if (Images is { } images && images.Shape != Dense.SampleShape)
            throw new InvalidDataException(
                $"the images have the shape {images.Shape}, but the model makes samples of {Dense.SampleShape}; "
                + "give the data that the model was trained on, or leave 'data' out");
    }
}

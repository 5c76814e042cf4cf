using Mlops.Diffusion.Data;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Plans;
using static TorchSharp.torch;

namespace Mlops.Evaluation;

/// <summary>The two models under comparison and the images they are held against.</summary>
public sealed class EvaluationInputs : IDisposable
{
    private EvaluationInputs(string denseFolder, string prunedFolder, Placement placement)
    {
        (DenseFolder, PrunedFolder, Device) = (denseFolder, prunedFolder, placement.Device);
        Dense = ModelFolder.Load(denseFolder, placement);
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

    /// <summary>The dense model.</summary>
    public Denoiser Dense { get; }

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
        var sampling = SamplingProtocol.Resolve(options, PrunedModel.StepsIn(pruned), dense);
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

    /// <summary>Samples the dense model.</summary>
    /// <returns>[N, C, H, W] in the caller's dispose scope.</returns>
    public Tensor SampleDense(
        Tensor noise, Tensor? labels, SamplerOptions options, Action<SamplerStep> onStep, CancellationToken token) =>
        new Sampler(Scheduler(), options with { Steps = Sampling.DenseSteps, Step = Sampling.Step }).Sample(
            Guidance.Of(Dense, Sampling.Guidance), noise, labels, onStep, token);

    /// <summary>Samples the pruned model, by its step table where it has one.</summary>
    /// <returns>[N, C, H, W] in the caller's dispose scope.</returns>
    public Tensor SamplePruned(
        Tensor noise, Tensor? labels, SamplerOptions options, Action<SamplerStep> onStep, CancellationToken token) =>
        PrunedParts.Sampler(
            SamplerNames.Load(DenseFolder, Sampling.PrunedSampler),
            options with { Steps = Sampling.PrunedSteps, Step = Sampling.Step }, Sampling.Guidance)
            .Sample(Guidance.Of(Pruned, Sampling.Guidance), noise, labels, onStep, token);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dense.Dispose();
        PrunedParts.Dispose();
    }

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

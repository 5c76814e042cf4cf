using Mlops.Diffusion;
using Mlops.Diffusion.Data;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Diffusion.Weights;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Plans;
using static TorchSharp.torch;

namespace Mlops.Evaluation.Generating;

/// <summary>Samples a model: images, or latents, for a run that was given none. The set is what its own model would
/// draw, all classes in turn.</summary>
public sealed class ImageGenerator : IJobWorker
{
    private const string Images = "images", Labels = "labels";

    /// <inheritdoc/>
    public string OutputKind => "data";

    /// <inheritdoc/>
    public string Protocol => "generate-images/2";

    /// <summary>Refuses what the model cannot draw.</summary>
    /// <exception cref="ArgumentException">The sampler does not fit the model.</exception>
    /// <exception cref="InvalidDataException">The model cannot be guided.</exception>
    public static void Check(ImageGeneratorOptions options, GivenShape given) =>
        given.Sampler(options.Sampler, options.Steps, options.Guidance);

    /// <inheritdoc/>
    public async Task WriteAsync(JobContext job, string outputFolder, CancellationToken cancellationToken)
    {
        var options = job.Options<ImageGeneratorOptions>();
        var folder = await job.FolderAsync("model", cancellationToken);
        var placement = Placement.Create(job.Device, options.Precision, job.Warn);
        using var model = GivenModel.Load(folder, placement);
        model.eval();
        await BatchFiles.WriteAsync(
            job, options.Images, options.Batch, progress: 1,
            (path, first, count) =>
            {
                Sample(path, model, folder, options, job.Order.Seed, first, count, cancellationToken);
                return Task.CompletedTask;
            },
            batches => Join(batches, outputFolder), cancellationToken);
    }

    private static void Sample(
        string path, Denoiser model, string folder, ImageGeneratorOptions options, long seed, int first, int count,
        CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var device = model.Device;
        var (channels, height, width) = model.SampleShape;
        var source = options.Noise == NoiseSource.Own ? (long)Seeds.Of(seed, "generate") : seed;
        var noise = EqualNoise.Start(source, first, count, channels, height, width);
        var labels = model.LabelsInTurn(first, count);
        var sampler = new Sampler(
            SamplerNames.Load(folder, options.Sampler),
            new SamplerOptions(
                options.Steps, (long)Seeds.Of(seed, "generate-batch", first), count,
                new StepOptions(UseClippedModelOutput: options.UseClippedModelOutput)));
        var images = sampler.Sample(
            Guidance.Of(model, options.Guidance), noise.to(device), labels, cancellationToken: cancellationToken);
        var tensors = new Dictionary<string, Tensor> { [Images] = images };
        if (labels is not null)
            tensors[Labels] = labels;
        SafetensorsWriter.Write(path, tensors);
    }

    private static bool Join(IReadOnlyList<SafetensorsFile> batches, string outputFolder)
    {
        using var scope = NewDisposeScope();
        var labeled = batches[0].Header.Tensors.ContainsKey(Labels);
        TensorSet.Write(outputFolder, All(Images), labeled ? All(Labels) : null);
        return labeled;

        Tensor All(string name) => cat([.. batches.Select(batch => batch.Read(name))], 0);
    }
}

using Mlops.Diffusion;
using Mlops.Diffusion.Training;
using Mlops.Pruning.Importance;
using static TorchSharp.torch;

namespace Mlops.CoFinetuning;

/// <summary>Batches as a pure function of (seed, purpose, step), so that a resumed job draws the same ones.</summary>
/// <param name="dropout">Share of the labels that say "no class", where the network has such a label.</param>
internal sealed class TrainingData(TrainingInputs inputs, int size, double dropout, long seed)
{
    private readonly Objective _objective = new(inputs.Scheduler);

    /// <summary>Clean images [N, C, H, W] in [−1, 1] and their labels [N], in the caller's scope; the labels of a
    /// network that takes none are null.</summary>
    /// <param name="step">1 for the first.</param>
    public (Tensor Images, Tensor? Labels) Images(int step)
    {
        var (images, labels) = inputs.Images.Batch(seed, step - 1, size);
        var device = inputs.Placement.Device;
        return (images.to(device), inputs.Backbone.Classes > 0 ? Dropped(labels, step).to(device) : null);
    }

    /// <summary>A noised batch beside those of the steps, in the caller's scope.</summary>
    /// <param name="purpose">Word of the random streams of images, timesteps and noise.</param>
    /// <param name="number">0 for the first.</param>
    /// <param name="count">N.</param>
    public TrainingBatch Aside(string purpose, int number, int count)
    {
        var stream = (long)Seeds.Of(seed, purpose);
        var (images, labels) = Clean(stream, number, count);
        return _objective.Draw(images, stream, number, labels);
    }

    /// <summary>The same at timesteps drawn from those that are given.</summary>
    /// <param name="rows">Native timesteps.</param>
    public TrainingBatch Aside(string purpose, int number, int count, IReadOnlyList<int> rows)
    {
        var stream = (long)Seeds.Of(seed, purpose);
        var (images, labels) = Clean(stream, number, count);
        using var generator = new Generator(Seeds.Of(stream, "noise", number));
        var noise = randn(images.shape, float32, CPU, generator: generator).to(images.device);
        return new CalibrationBatch(images, noise, labels).At(inputs.Scheduler, [.. Enumerable.Range(0, count).Select(
            sample => (long)rows[(int)(Seeds.Of(stream, $"time-{number}", sample) % (ulong)rows.Count)])]);
    }

    /// <summary>The plain training loss of a network's output, a scalar in the caller's scope.</summary>
    public Tensor Loss(Tensor output, TrainingBatch batch) => _objective.Loss(output, batch);

    /// <summary>Noises them at drawn timesteps; in the caller's scope.</summary>
    /// <param name="purpose">Word of the random stream: both halves of a step see the same images, other noise.</param>
    /// <param name="step">1 for the first.</param>
    public TrainingBatch Noised((Tensor Images, Tensor? Labels) clean, string purpose, int step) =>
        _objective.Draw(clean.Images, (long)Seeds.Of(seed, purpose), step, clean.Labels);

    private (Tensor Images, Tensor? Labels) Clean(long stream, int number, int count)
    {
        var (images, labels) = inputs.Images.Batch(stream, number, count);
        var device = inputs.Placement.Device;
        return (images.to(device), inputs.Backbone.Classes > 0 ? labels.to(device) : null);
    }

    private Tensor Dropped(Tensor labels, int step)
    {
        if (dropout == 0 || inputs.Backbone.NullLabel is not { } none)
            return labels;
        using var generator = new Generator(Seeds.Of(seed, "label-dropout", step));
        return labels.masked_fill(rand(labels.shape, device: CPU, generator: generator) < dropout, none);
    }
}

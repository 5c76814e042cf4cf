using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Metrics;

/// <summary>Features for distribution metrics without a foreign network: images are noised a little, the dense
/// model looks at them, and the output of its middle layer is averaged over positions.</summary>
public sealed class TeacherFeatures : FeatureExtractor
{
    private readonly Denoiser _teacher;
    private readonly NoiseScheduler _scheduler;
    private readonly LayerInfo _layer;
    private readonly double _time;
    private readonly long _seed;

    /// <summary>Prepares a teacher, which stays the caller's.</summary>
    /// <param name="level">Noise level as a share of the trajectory in (0, 1).</param>
    /// <param name="seed">Seed of the little noise; equal for all images of the same position.</param>
    public TeacherFeatures(Denoiser teacher, NoiseScheduler scheduler, double level = 0.05, long seed = 0)
    {
        if (level is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(level), level, "the noise level must be in (0, 1).");
        (_teacher, _scheduler, _seed) = (teacher, scheduler, seed);
        _time = scheduler.Schedule is null ? level : Math.Round(level * scheduler.TrainTimesteps);
        var asked = scheduler.Schedule is null ? level * scheduler.TrainTimesteps : _time;
        LayerInfo[] layers = [.. teacher.Layers.Where(layer => teacher.Runs(layer, asked))];
        _layer = layers.LastOrDefault(layer => layer.Name.StartsWith("mid_block", StringComparison.Ordinal))
            ?? layers.ElementAtOrDefault(layers.Length / 2) ?? throw new InvalidDataException(
                $"the model runs none of its layers at time {asked}, so it has no features for distributions; "
                + "leave these out with real-images=0");
        Protocol = $"teacher-mean/1 {_layer.Name} level={level} seed={seed} teacher="
            + Digest(teacher.Present().Select(named => named.Value));
    }

    /// <summary>Names layer, noise and teacher; equal names mean comparable numbers.</summary>
    public override string Protocol { get; }

    /// <inheritdoc/>
    public override bool Standardizes => true;

    /// <inheritdoc/>
    protected override Tensor Look(Tensor batch, Tensor? labels, int first)
    {
        using var scope = NewDisposeScope();
        var noise = EqualNoise.Step(_seed, 0, first, batch);
        var times = new double[batch.shape[0]];
        Array.Fill(times, _time);
        var example = new Training.Objective(_scheduler).Make(batch, noise, times);
        Tensor? pooled = null;
        _teacher.Predict(example.Noisy, example.Times, labels ?? Unlabeled(batch), new LayerControl
        {
            Observe = (layer, _, output) =>
            {
                if (layer.Index == _layer.Index)
                    pooled = Pool(output).DetachFromDisposeScope();
            },
        });
        scope.Attach(pooled!);
        return scope.MoveToOuter(pooled!);
    }

    // Convolutional maps [n, c, h, w] or transformer tokens [n, tokens, c] -> [n, c]
    private static Tensor Pool(Tensor output) =>
        (output.dim() == 4 ? output.mean([2L, 3]) : output.mean([1L])).to(float64).cpu();

    private Tensor? Unlabeled(Tensor batch) =>
        _teacher.Classes > 0 ? zeros(batch.shape[0], int64, batch.device) : null;
}

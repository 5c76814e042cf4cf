using Mlops.Diffusion;
using Mlops.Diffusion.Metrics;
using Mlops.Contracts.Evaluations;
using Mlops.Pruning.Stages;
using static TorchSharp.torch;

namespace Mlops.Evaluation.Measuring;

/// <summary>How far the pruned model's samples are from the dense model's samples of equal noise.</summary>
public static class PairMeasurements
{
    // SSIM looks through a window of this side.
    private const int SmallestImage = 11;

    /// <summary>SSIM and PSNR of images, and the distance of samples
    /// and of trajectories per band; 95 % bootstrap.</summary>
    public static IReadOnlyList<Measurement> Of(
        PairedSamples pairs, PairDistances distances, EvaluationInputs inputs, EvaluationOptions options, long seed)
    {
        using var scope = NewDisposeScope();
        var protocol = $"paired/1 {inputs.Sampling.Name} n{options.Images} seed{seed} bootstrap95";
        var found = new List<Measurement>();
        if (distances.Ssim is { } ssim)
            found.Add(Mean("ssim", "", Better.Higher, ssim));
        if (HasPictures(inputs))
            found.Add(Mean("psnr", "dB", Better.Higher, PairedMetrics.Psnr(Seen(pairs.Dense), Seen(pairs.Pruned))));

        found.Add(Mean("latent_mse", "", Better.Lower, PairedMetrics.Mse(pairs.Dense, pairs.Pruned)));
        var bands = StageBounds.Even(options.Bands, inputs.Scheduler().TrainTimesteps);
        var timesteps = pairs.Timesteps.Values();
        for (var band = 0; band < bands.Count; band++)
        {
            var steps = Enumerable.Range(0, timesteps.Length)
                .Where(k => bands.StageOf(timesteps[k]) == band).Select(k => (long)k).ToArray();
            if (steps.Length > 0)
                found.Add(Mean(Bands.Name("latent_mse", bands, band), "", Better.Lower,
                    pairs.Deviation.index_select(1, tensor(steps, device: CPU)).mean([1L]).Doubles()));
        }

        return found;

        Measurement Mean(string name, string unit, Better better, IReadOnlyList<double> values)
        {
            var interval = Bootstrap.Mean(values, seed);
            return new(
                "pairs", name, unit, protocol, better, null, interval.Mean, interval.Low, interval.High);
        }
    }

    /// <summary>SSIM of every pair; null for latents and for pictures smaller than its window.</summary>
    public static double[]? Ssim(PairedSamples pairs, EvaluationInputs inputs)
    {
        using var scope = NewDisposeScope();
        var (_, height, width) = inputs.Dense.SampleShape;
        return HasPictures(inputs) && Math.Min(height, width) >= SmallestImage
            ? PairedMetrics.Ssim(Seen(pairs.Dense), Seen(pairs.Pruned))
            : null;
    }

    private static bool HasPictures(EvaluationInputs inputs) => inputs.Dense.SampleShape.Channels is 1 or 3;

    // Pictures are clipped before anybody sees them.
    private static Tensor Seen(Tensor samples) => samples.clamp(-1, 1);
}

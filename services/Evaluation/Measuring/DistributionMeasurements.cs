using Mlops.Diffusion.Metrics;
using Mlops.Contracts.Evaluations;
using static TorchSharp.torch;

namespace Mlops.Evaluation.Measuring;

/// <summary>
/// Distance of each model's samples to real images in the feature space of the dense model. Small sets bias the Fréchet
/// distance upwards, for both models alike, so there all sets have equal size; KID has no such bias and sees all. There
/// is no distance from pruned to dense: samples from equal noise are pairs, and both estimates want independent sets.
/// </summary>
public static class DistributionMeasurements
{
    // KID is unbiased in every block, so that their spread is that of an estimate of this size.
    private const int Blocks = 10;

    /// <summary>Whether there are as many images as these numbers need.</summary>
    public static bool HasEnough(EvaluationInputs inputs, EvaluationOptions options) =>
        Fewest(inputs, options) >= options.DistributionImages;

    /// <summary>Says that they are left out, if they are.</summary>
    public static IEnumerable<string> Missing(EvaluationInputs inputs, EvaluationOptions options)
    {
        if (inputs.Images is not null && options.RealImages > 0 && !HasEnough(inputs, options))
            yield return $"KID and Fréchet distance are left out: {Fewest(inputs, options)} images are fewer than the "
                + $"{options.DistributionImages} from which on they say something (images, distribution-images)";
    }

    /// <summary>KID and Fréchet distance.</summary>
    public static IReadOnlyList<Measurement> Of(
        PairedSamples pairs, EvaluationInputs inputs, EvaluationOptions options, long seed)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var reals = Math.Min(options.RealImages, inputs.Images!.Count);
        var count = Math.Min(options.Images, reals);
        var teacher = new TeacherFeatures(inputs.Dense, inputs.Scheduler(), seed: seed);
        var (real, realLabels) = inputs.Images.Batch(inputs.Images.IndicesOf(seed, 0, reals));
        var labels = inputs.Dense.LabelsInTurn(0, count);
        var seen = Look(real, inputs.Dense.Classes > 0 ? realLabels.to(inputs.Device) : null);
        var data = FeatureScale.Standardize(seen, seen);
        var dense = FeatureScale.Standardize(Look(pairs.Dense.narrow(0, 0, count), labels), seen);
        var pruned = FeatureScale.Standardize(Look(pairs.Pruned.narrow(0, 0, count), labels), seen);
        var protocol = $"standardized {inputs.Sampling.Name} n{count} seed{seed} {teacher.Protocol}";
        return
        [
            KidOf(),
            new("distribution", "frechet", "", $"frechet/2 to-data {protocol}", Better.Lower,
                Frechet.Distance(dense, data.narrow(0, 0, count)), Frechet.Distance(pruned, data.narrow(0, 0, count))),
        ];

        Measurement KidOf()
        {
            var blocks = Math.Min(Blocks, count / 2);
            double[] values = [.. pruned.chunk(blocks, 0).Zip(data.chunk(blocks, 0), Kid.Distance)];
            var interval = Bootstrap.Mean(values, seed);
            return new("distribution", "kid", "", $"kid/3 to-data real{reals} blocks{blocks} {protocol}", Better.Lower,
                Kid.Distance(dense, data), Kid.Distance(pruned, data), interval.Low, interval.High);
        }

        Tensor Look(Tensor images, Tensor? classes) =>
            teacher.Compute(images.to(inputs.Device), classes, options.Batch);
    }

    private static int Fewest(EvaluationInputs inputs, EvaluationOptions options) =>
        inputs.Images is null ? 0 : Math.Min(options.Images, Math.Min(options.RealImages, inputs.Images.Count));
}

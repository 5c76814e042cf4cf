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
            new("distribution", "kid", "", $"kid/2 to-data real{reals} {protocol}", Better.Lower,
                Kid.Distance(dense, data), Kid.Distance(pruned, data)),
            new("distribution", "frechet", "", $"frechet/2 to-data {protocol}", Better.Lower,
                Frechet.Distance(dense, data.narrow(0, 0, count)), Frechet.Distance(pruned, data.narrow(0, 0, count))),
        ];

        Tensor Look(Tensor images, Tensor? classes) =>
            teacher.Compute(images.to(inputs.Device), classes, options.Batch);
    }
}

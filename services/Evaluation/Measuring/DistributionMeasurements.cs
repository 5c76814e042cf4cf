using Mlops.Diffusion.Metrics;
using Mlops.Evaluation.Report;
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
        using var noGradients = no_grad();
        var reals = Math.Min(options.RealImages, inputs.Images!.Count);
        var count = Math.Min(options.Images, reals);
        var teacher = new TeacherFeatures(inputs.Dense, inputs.Scheduler(), seed: seed);
        var (real, realLabels) = inputs.Images.Batch(inputs.Images.IndicesOf(seed, 0, reals));
        var labels = inputs.Labels(0, count);
        var seen = teacher.Of(real, inputs.Dense.Classes > 0 ? realLabels : null, options.Batch);
        var scale = new FeatureScale(seen);
        var data = scale.Of(seen);
        var dense = scale.Of(teacher.Of(pairs.Dense.narrow(0, 0, count), labels, options.Batch));
        var pruned = scale.Of(teacher.Of(pairs.Pruned.narrow(0, 0, count), labels, options.Batch));
        var protocol = $"standardised {inputs.Sampler}{options.Steps} n{count} seed{seed} {teacher.Protocol}";
        return
        [
            new("distribution", "kid", "", $"kid/2 to-data real{reals} {protocol}", Better.Lower,
                Kid.Of(dense, data), Kid.Of(pruned, data)),
            new("distribution", "frechet", "", $"frechet/2 to-data {protocol}", Better.Lower,
                Frechet.Distance(dense, data[..count]), Frechet.Distance(pruned, data[..count])),
        ];
    }
}

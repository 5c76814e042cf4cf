using Mlops.Diffusion.Metrics;
using Mlops.Evaluation.Report;
using static TorchSharp.torch;

namespace Mlops.Evaluation.Measuring;

/// <summary>
/// Distance of each model's samples to real images in the feature space of the dense model. Small sets bias the Fréchet
/// distance upwards, for both models alike, so all sets have equal size.
/// </summary>
public static class DistributionMeasurements
{
    /// <summary>KID and Fréchet distance; pruned to dense as well, which shows drift that realism hides.</summary>
    public static IReadOnlyList<Measurement> Of(
        PairedSamples pairs, EvaluationInputs inputs, EvaluationOptions options, long seed)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var count = Math.Min(options.Images, Math.Min(options.RealImages, inputs.Images!.Count));
        var teacher = new TeacherFeatures(inputs.Dense, inputs.Scheduler(), seed: seed);
        var (real, realLabels) = inputs.Images.Batch(inputs.Images.IndicesOf(seed, 0, count));
        var labels = inputs.Labels(0, count);
        var data = teacher.Of(real, inputs.Dense.Classes > 0 ? realLabels : null, options.Batch);
        var dense = teacher.Of(pairs.Dense.narrow(0, 0, count), labels, options.Batch);
        var pruned = teacher.Of(pairs.Pruned.narrow(0, 0, count), labels, options.Batch);
        var protocol = $"{inputs.Sampler}{options.Steps} n{count} seed{seed} {teacher.Protocol}";
        return
        [
            new("distribution", "kid", "", $"kid/1 to-data {protocol}", Better.Lower,
                Kid.Of(dense, data), Kid.Of(pruned, data)),
            new("distribution", "frechet", "", $"frechet/1 to-data {protocol}", Better.Lower,
                Frechet.Distance(dense, data), Frechet.Distance(pruned, data)),
            new("distribution", "kid_to_dense", "", $"kid/1 to-dense {protocol}", Better.Lower,
                null, Kid.Of(pruned, dense)),
        ];
    }
}

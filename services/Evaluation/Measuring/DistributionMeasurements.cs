using Mlops.Contracts.Evaluations;
using Mlops.Diffusion.Metrics;
using static TorchSharp.torch;

namespace Mlops.Evaluation.Measuring;

/// <summary>
/// How each model's samples are distributed against real images, in the feature space of the dense model or of a
/// network that the user gave. Small sets bias all but KID, for both models alike, so all other sets have equal size;
/// KID has no such bias and sees all real images. There is no distance from pruned to dense: samples from equal noise
/// are pairs, and these estimates want independent sets.
/// </summary>
public static class DistributionMeasurements
{
    /// <summary>Whether there are as many images as these numbers need.</summary>
    public static bool HasEnough(EvaluationInputs inputs, EvaluationOptions options) =>
        Fewest(inputs, options) >= options.DistributionImages;

    /// <summary>Says that they are left out, if they are.</summary>
    public static IEnumerable<string> Missing(EvaluationInputs inputs, EvaluationOptions options)
    {
        if (inputs.Images is not null && options.RealImages > 0 && !HasEnough(inputs, options))
            yield return "KID, Fréchet distance, precision and recall are left out: "
                + $"{Fewest(inputs, options)} images are fewer than the {options.DistributionImages} from which on "
                + "they say something (images, distribution-images)";
    }

    /// <summary>KID, Fréchet distance, precision, recall and density.</summary>
    public static IReadOnlyList<Measurement> Of(
        PairedSamples pairs, EvaluationInputs inputs, EvaluationOptions options, long seed)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var reals = Math.Min(options.RealImages, inputs.Images!.Count);
        var count = Math.Min(options.Images, reals);
        var extractor = inputs.Features ?? (FeatureExtractor)new TeacherFeatures(
            inputs.Dense, inputs.Scheduler(), seed: seed);
        var (real, realLabels) = inputs.Images.Batch(inputs.Images.IndicesOf(seed, 0, reals));
        var labels = inputs.Dense.LabelsInTurn(0, count);
        var seen = Look(real, inputs.Dense.Classes > 0 ? realLabels.to(inputs.Device) : null);
        var all = OnScale(seen);
        var data = all.narrow(0, 0, count);
        var dense = OnScale(Look(pairs.Dense.narrow(0, 0, count), labels));
        var pruned = OnScale(Look(pairs.Pruned.narrow(0, 0, count), labels));
        var scale = extractor.Standardizes ? "standardized " : "";
        var protocol = $"jackknife95 {scale}{inputs.Sampling.Name} n{count} seed{seed} {extractor.Protocol}";
        var (ofDense, ofPruned) = (PrecisionRecall.Estimate(data, dense), PrecisionRecall.Estimate(data, pruned));
        var balls = $"k{PrecisionRecall.Neighbors}";
        return
        [
            Number("kid", $"kid/4 to-data real{reals}", Better.Lower, Kid.Distance(dense, all),
                Kid.Estimate(pruned, all), least: double.NegativeInfinity),
            Number("frechet", "frechet/3 to-data", Better.Lower, Frechet.Distance(dense, data),
                Frechet.Estimate(pruned, data)),
            Number("precision", $"precision/1 {balls}", Better.Higher, ofDense.Precision.Value, ofPruned.Precision,
                most: 1),
            Number("recall", $"recall/1 {balls}", Better.Higher, ofDense.Recall.Value, ofPruned.Recall, most: 1),
            Number("density", $"density/1 {balls}", Better.Higher, ofDense.Density.Value, ofPruned.Density),
        ];

        Measurement Number(
            string name, string method, Better better, double ofDense, Jackknife ofPruned, double least = 0,
            double most = double.PositiveInfinity)
        {
            var interval = ofPruned.Interval();
            return new(
                "distribution", name, "", $"{method} {protocol}", better, ofDense, interval.Mean,
                Math.Max(least, interval.Low), Math.Min(most, interval.High));
        }

        Tensor OnScale(Tensor features) =>
            extractor.Standardizes ? FeatureScale.Standardize(features, seen) : features;

        Tensor Look(Tensor images, Tensor? classes) =>
            extractor.Compute(images.to(inputs.Device), classes, options.Batch);
    }

    private static int Fewest(EvaluationInputs inputs, EvaluationOptions options) =>
        inputs.Images is null ? 0 : Math.Min(options.Images, Math.Min(options.RealImages, inputs.Images.Count));
}

using Mlops.Contracts.Evaluations;
using Mlops.Diffusion.Metrics;
using Mlops.Diffusion.Weights;
using Mlops.Diffusion.Data;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.Evaluation.Measuring;

/// <summary>Every pair's distance, kept for comparisons with other runs.</summary>
internal static class Distances
{
    private const string TruthRole = "truth";

    /// <summary>Measures the pairs; to the true trajectory, too, where the job was given its samples.</summary>
    /// <exception cref="InvalidDataException">These are of another number or shape.</exception>
    public static async Task<PairDistances> MeasureAsync(
        JobContext job, EvaluationInputs inputs, PairedSamples pairs, CancellationToken cancellationToken)
    {
        var folder = job.Order.Inputs.TryGetValue(TruthRole, out var reference)
            ? await job.FolderAsync(TruthRole, cancellationToken)
            : null;
        // A scope is a thread's, so it is not open over an await.
        using var scope = NewDisposeScope();
        var (dense, pruned) = (pairs.Dense, pairs.Pruned);
        var truth = folder is null ? null : Truth(folder, dense);
        var scale = RelativeError.Scale(dense);
        return new(
            PairDistances.CurrentFormat,
            $"distances/1 {inputs.Sampling.Name} n{dense.shape[0]} seed{job.Order.Seed}",
            job.Order.Inputs["model"].Sha256, reference?.Sha256, To(pruned, dense),
            truth is null ? null : To(pruned, truth), truth is null ? null : To(dense, truth),
            PairMeasurements.Ssim(pairs, inputs));

        // The variance of the dense samples is the unit everywhere, whatever the distance goes to.
        double[] To(Tensor samples, Tensor target) => RelativeError.PerSample(samples, target, scale);
    }

    /// <summary>How far both models are from the true trajectory, as a row of the report.</summary>
    public static IEnumerable<Measurement> ToTruth(PairDistances distances, long seed)
    {
        if (distances is not { ToTruth: { } pruned, DenseToTruth: { } dense })
            yield break;
        var interval = Bootstrap.Mean(pruned, seed);
        yield return new(
            "pairs", "truth_mse", "", $"relative to the variance of dense samples, {distances.Protocol} bootstrap95",
            Better.Lower, dense.Average(), interval.Mean, interval.Low, interval.High);
    }

    private static Tensor Truth(string folder, Tensor dense)
    {
        using var file = SafetensorsFile.Open(TensorSet.PathIn(folder));
        var truth = file.Read(TensorSet.ImagesName);
        return truth.shape.SequenceEqual(dense.shape)
            ? truth
            : throw new InvalidDataException(
                $"the true trajectory has samples of shape [{string.Join(", ", truth.shape)}], the evaluation of "
                + $"[{string.Join(", ", dense.shape)}]; draw as many of the same model");
    }
}

using Mlops.Diffusion.Models;
using Mlops.Diffusion.Training;
using Mlops.Pruning.Importance;
using static TorchSharp.torch;

namespace Mlops.CoFinetuning;

/// <summary>What EntPruner measures at the start of a phase, on training images that depend on seed and phase alone.
/// </summary>
internal sealed class PhaseScores(Denoiser backbone, TrainingData data, CoFinetuneOptions options)
{
    // As in AutoProg-Zero's public code.
    private const int ZeroShotBatches = 2;

    private readonly EntropyDeviation _entropy = new(backbone);

    /// <summary>CED of every layer, 0 of those that do not run.</summary>
    /// <exception cref="InvalidDataException">The network's output is no number.</exception>
    public double[] Entropy(
        int phase, int step, IReadOnlyList<bool> run, CancellationToken cancellationToken)
    {
        var sums = new double[backbone.Layers.Count];
        for (var done = 0; done < options.ScoredImages; done += options.Images)
        {
            using var scope = NewDisposeScope();
            // Batches of one size do not overlap.
            var batch = data.Aside($"phase-{phase}-entropy", done / options.Images, options.Images);
            var left = options.ScoredImages - done;
            _entropy.Accumulate(
                left < batch.Count ? batch.Select([.. Enumerable.Range(0, left).Select(row => (long)row)]) : batch,
                run, sums, cancellationToken);
        }

        Require(sums.Sum(), "the entropy deviation of the layers", step);
        return Array.ConvertAll(sums, sum => EntropyDeviation.Of(sum, options.ScoredImages));
    }

    /// <summary>Condition numbers and ZiCo scores of networks, all on the same batches.</summary>
    /// <exception cref="InvalidDataException">One of them is no number.</exception>
    public (double[] Ntk, double[] Zico) ZeroShot(
        int phase, int step, IReadOnlyList<bool[]> networks, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        TrainingBatch[] batches = [.. Enumerable.Range(0, ZeroShotBatches).Select(number =>
            data.Aside($"phase-{phase}-zero-shot", number, options.ZeroShotImages))];
        backbone.eval();
        var (ntk, zico) = (new double[networks.Count], new double[networks.Count]);
        foreach (var (index, run) in networks.Index())
        {
            cancellationToken.ThrowIfCancellationRequested();
            ntk[index] = batches.Average(batch => NtkCondition.Of(
                backbone, batch.Count, sample => Predict(batch.Select([sample]), run)));
            zico[index] = ZicoScore.Of(
                backbone, batches.Length, number => data.Loss(Predict(batches[number], run), batches[number]));
        }

        Require(ntk.Sum() + zico.Sum(), "a zero-shot score", step);
        return (ntk, zico);
    }

    private Tensor Predict(TrainingBatch batch, bool[] run) =>
        backbone.Predict(batch.Noisy, batch.Times, batch.Labels, new LayerControl { Run = run });

    private void Require(double value, string what, int step) =>
        TrainingLoop.Require(value, what, "learning-rate", options.BackboneRate.Peak, step);
}

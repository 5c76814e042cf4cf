using Mlops.Diffusion;
using Mlops.Diffusion.Metrics;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Diffusion.Training;
using Mlops.Contracts.Evaluations;
using Mlops.Pruning.Stages;
using static TorchSharp.torch;

namespace Mlops.Evaluation.Measuring;

/// <summary>Denoising loss of both models on held-out images: equal images, timesteps and noise for both.</summary>
public sealed class LossMeasurements(EvaluationInputs inputs, EvaluationOptions options, long seed)
{
    private readonly NoiseScheduler _scheduler = inputs.Scheduler();

    /// <summary>The loss over the trajectory and per band; the interval is that of the pruned model. Beside it the
    /// paired ratio, and the loss of a denoiser which has learned nothing but the mean.</summary>
    public IReadOnlyList<Measurement> Measure(CancellationToken cancellationToken)
    {
        var bands = StageBounds.Even(options.Bands, _scheduler.TrainTimesteps);
        var target = _scheduler.Prediction.ToString().ToLowerInvariant();
        var protocol = $"heldout-{target}/1 n{options.LossImages} per band seed{seed}";
        var pairs = Pairs(cancellationToken);
        var (dense, pruned) = (pairs.SelectMany(band => band.Dense).ToList(),
            pairs.SelectMany(band => band.Pruned).ToList());
        var trivial = new Measurement(
            "loss", "trivial_loss", "", $"wiener-{target}/1 mean and variance of the data", Better.Higher, null,
            Trivial(bands));
        return
        [
            Of("loss", dense, pruned), .. Ratio(dense, pruned), trivial,
            .. pairs.Select((band, index) => Of(Bands.Name("loss", bands, index), band.Dense, band.Pruned)),
        ];

        Measurement Of(string name, List<double> denseLosses, List<double> prunedLosses)
        {
            var interval = Bootstrap.Mean(prunedLosses, seed);
            return new(
                "loss", name, "", $"{protocol} bootstrap95", Better.Lower, denseLosses.Average(), interval.Mean,
                interval.Low, interval.High);
        }

        IEnumerable<Measurement> Ratio(List<double> denseLosses, List<double> prunedLosses)
        {
            if (denseLosses.Average() <= 0)
                yield break;
            var paired = PairedRatio.Of(denseLosses, prunedLosses);
            yield return new(
                "loss", "loss_ratio", "", $"{protocol} paired, delta98", Better.Lower, null,
                paired.Mean, paired.Low, paired.High);
        }
    }

    /// <summary>The losses of both models per band, pair by pair.</summary>
    public IReadOnlyList<(List<double> Dense, List<double> Pruned)> Pairs(CancellationToken cancellationToken)
    {
        var bands = StageBounds.Even(options.Bands, _scheduler.TrainTimesteps);
        return [.. Enumerable.Range(0, bands.Count).Select(band => Band(bands, band, cancellationToken))];
    }

    private (List<double> Dense, List<double> Pruned) Band(
        StageBounds bands, int band, CancellationToken cancellationToken)
    {
        var (dense, pruned) = (new List<double>(), new List<double>());
        for (var first = 0; first < options.LossImages; first += options.Batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            var count = Math.Min(options.Batch, options.LossImages - first);
            var indices = Enumerable.Range(first, count).Select(i => i % inputs.Images!.Count).ToArray();
            var (images, labels) = inputs.Images!.Batch(indices);
            (images, labels) = (images.to(inputs.Device), labels.to(inputs.Device));
            var times = Times(bands, band, first, count);
            var noise = EqualNoise.Step((long)Seeds.Of(seed, "held-out", band), 0, first, images);
            var example = new Objective(_scheduler).Make(images, noise, times);
            var classes = inputs.Dense.Classes > 0 ? labels : null;
            dense.AddRange(Losses(inputs.Dense, example, classes));
            pruned.AddRange(Losses(inputs.Pruned, example, classes));
        }

        return (dense, pruned);
    }

    // At the timesteps that the networks are asked at.
    private double Trivial(StageBounds bands)
    {
        var denoiser = TrivialDenoiser.Of(inputs.Images!);
        return Enumerable.Range(0, bands.Count).SelectMany(band => Times(bands, band, 0, options.LossImages))
            .Average(time => denoiser.Loss(_scheduler.Prediction, Level(time)));
    }

    private NoiseLevel Level(double time) => _scheduler.Schedule is { } schedule
        ? NoiseLevel.Of(schedule.AlphaBars[(int)time])
        : new NoiseLevel(1 - time, time);

    // Evenly over the band, so that both ends weigh the same in every batch size.
    private double[] Times(StageBounds bands, int band, int first, int count) =>
    [
        .. Enumerable.Range(first, count).Select(i => Time(
            bands.First(band) + Math.Floor((i + 0.5) / options.LossImages * bands.Length(band)))),
    ];

    // Flow matching measures time in (0, 1].
    private double Time(double native) =>
        _scheduler.Schedule is null ? (native + 1) / _scheduler.TrainTimesteps : native;

    private static double[] Losses(Denoiser model, TrainingBatch example, Tensor? labels)
    {
        using var scope = NewDisposeScope();
        var output = model.Predict(example.Noisy, example.Times, labels);
        return PairedMetrics.Mse(Guidance.KeepChannels(output, example.Target.shape[1]), example.Target);
    }
}

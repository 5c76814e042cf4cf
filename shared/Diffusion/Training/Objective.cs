using Mlops.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Training;

/// <summary>The regression that trains a denoiser: ε, v, x_0 (Ho et al. 2020, Salimans &amp; Ho 2022) or flow matching
/// (Lipman et al. 2022), optionally with min-SNR weights (Hang et al. 2023, section 3.4).</summary>
/// <param name="scheduler">Names the schedule and what the network predicts.</param>
/// <param name="minSnrGamma">γ, usually 5; null for equal weights. Flow matching takes none.</param>
public sealed class Objective(NoiseScheduler scheduler, double? minSnrGamma = null)
{
    /// <summary>What the network predicts.</summary>
    public PredictionKind Prediction => scheduler.Prediction;

    /// <summary>Draws times and noise for a batch; both depend only on seed and step.</summary>
    /// <param name="clean">Images [N, C, H, W] in [−1, 1].</param>
    /// <param name="labels">Class labels [N], int64; null for unconditional models.</param>
    public TrainingBatch Draw(Tensor clean, long seed, long step, Tensor? labels = null)
    {
        var random = new Data.SeededRandom(Seeds.Of(seed, "train-time", step));
        var times = new double[clean.shape[0]];
        for (var n = 0; n < times.Length; n++)
            times[n] = scheduler.Schedule is { } table ? random.Below(table.Count) : 1 - random.Next();
        using var generator = new Generator(Seeds.Of(seed, "train-noise", step));
        var noise = randn(clean.shape, float32, CPU, generator: generator).to(clean.device);

        return Make(clean, noise, times, labels);
    }

    /// <summary>The batch for given noise and times.</summary>
    /// <param name="clean">Images [N, C, H, W].</param>
    /// <param name="noise">Standard normal, same shape.</param>
    /// <param name="times">Native timesteps, or s in (0, 1] for flow matching; one per sample.</param>
    /// <param name="labels">Class labels [N], int64; null for unconditional models.</param>
    public TrainingBatch Make(Tensor clean, Tensor noise, double[] times, Tensor? labels = null) =>
        scheduler.Schedule is { } schedule
            ? Diffuse(schedule, clean, noise, times, labels)
            : Flow(clean, noise, times, labels);

    /// <summary>The scalar loss; variance channels of the network's output take no part.</summary>
    /// <param name="output">Output of the network [N, C or 2C, H, W].</param>
    public Tensor Loss(Tensor output, TrainingBatch batch)
    {
        using var scope = NewDisposeScope();
        var channels = batch.Target.shape[1];
        var mean = output.shape[1] == channels ? output : output.narrow(1, 0, channels);
        var square = (mean - batch.Target).square();
        var loss = batch.Weights is null
            ? square.mean()
            : (square.mean([1L, 2, 3]) * batch.Weights).mean();   // [n, c, h, w] -> [n] -> []

        return loss.MoveToOuterDisposeScope();
    }

    private TrainingBatch Diffuse(
        NoiseSchedule table, Tensor clean, Tensor noise, double[] times, Tensor? labels)
    {
        var native = Array.ConvertAll(times, t => (long)t);
        var time = tensor(native, int64, clean.device);
        var target = Prediction switch
        {
            PredictionKind.Epsilon => noise.clone(),
            PredictionKind.Velocity => Forward.Velocity(table, clean, noise, time),
            _ => clean.clone(),
        };
        var noisy = Forward.Noised(table, clean, noise, time);
        var weights = minSnrGamma is { } gamma
            ? tensor(Array.ConvertAll(native, t => (float)Weight(table.AlphaBars[t], gamma)), float32, clean.device)
            : null;

        return new TrainingBatch(noisy, time, native, target, labels, weights);
    }

    private TrainingBatch Flow(Tensor clean, Tensor noise, double[] times, Tensor? labels)
    {
        var native = Array.ConvertAll(times, s => FlowTime.Native(s, scheduler.TrainTimesteps));
        var modelTime = tensor(
            Array.ConvertAll(times, s => (float)(s * scheduler.TrainTimesteps)), float32, clean.device);
        var noisy = Forward.Mix(noise, clean, times, Array.ConvertAll(times, s => 1 - s));

        return new TrainingBatch(noisy, modelTime, native, noise - clean, labels);
    }

    private double Weight(double bar, double gamma)
    {
        var snr = bar / (1 - bar);
        var capped = Math.Min(snr, gamma);
        return Prediction switch
        {
            PredictionKind.Epsilon => snr > 0 ? capped / snr : 1,
            PredictionKind.Velocity => capped / (snr + 1),
            _ => capped,
        };
    }
}

using Mlops.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Training;

/// <summary>What a network is asked in one training step, and the answer. Dispose it after the backward pass.</summary>
/// <param name="Noisy">Input of the network [N, C, H, W].</param>
/// <param name="ModelTime">Time input of the network [N]; int64, or float32 for flow matching.</param>
/// <param name="Native">Rows of a routing table, one per sample.</param>
/// <param name="Target">What the network should answer [N, C, H, W].</param>
/// <param name="Weights">Weight of each sample's loss [N]; null for equal weights.</param>
public sealed record TrainingExample(Tensor Noisy, Tensor ModelTime, long[] Native, Tensor Target, Tensor? Weights)
    : IDisposable
{
    /// <summary>Releases the tensors.</summary>
    public void Dispose()
    {
        Noisy.Dispose();
        ModelTime.Dispose();
        Target.Dispose();
        Weights?.Dispose();
    }
}

/// <summary>The regression that trains a denoiser: ε, v, x_0 (Ho et al. 2020, Salimans &amp; Ho 2022) or flow matching
/// (Lipman et al. 2022), optionally with min-SNR weights (Hang et al. 2023, section 3.4).</summary>
/// <param name="scheduler">Names the schedule and what the network predicts.</param>
/// <param name="minSnrGamma">γ, usually 5; null for equal weights. Flow matching takes none.</param>
public sealed class Objective(INoiseScheduler scheduler, double? minSnrGamma = null)
{
    /// <summary>What the network predicts.</summary>
    public PredictionKind Prediction => scheduler.Prediction;

    /// <summary>Draws times and noise for a batch; both depend only on seed and step.</summary>
    /// <param name="clean">Images [N, C, H, W] in [−1, 1].</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="step">Optimiser step.</param>
    public TrainingExample Draw(Tensor clean, long seed, long step)
    {
        using var scope = NewDisposeScope();
        var random = new Data.SeededRandom(Seeds.Of(seed, "train-time", step));
        var times = new double[clean.shape[0]];
        for (var n = 0; n < times.Length; n++)
            times[n] = scheduler.Table is { } table ? random.Below(table.Count) : 1 - random.Next();
        using var generator = new Generator(Seeds.Of(seed, "train-noise", step));
        var noise = randn(clean.shape, float32, CPU, generator: generator).to(clean.device);

        return Make(clean, noise, times);
    }

    /// <summary>The example for given noise and times.</summary>
    /// <param name="clean">Images [N, C, H, W].</param>
    /// <param name="noise">Standard normal, same shape.</param>
    /// <param name="times">Native timesteps, or s in (0, 1] for flow matching; one per sample.</param>
    public TrainingExample Make(Tensor clean, Tensor noise, double[] times) =>
        scheduler.Table is { } table ? Diffuse(table, clean, noise, times) : Flow(clean, noise, times);

    /// <summary>The scalar loss; variance channels of the network's output take no part.</summary>
    /// <param name="output">Output of the network [N, C or 2C, H, W].</param>
    /// <param name="example">What it was asked.</param>
    public Tensor Loss(Tensor output, TrainingExample example)
    {
        using var scope = NewDisposeScope();
        var channels = example.Target.shape[1];
        var mean = output.shape[1] == channels ? output : output.narrow(1, 0, channels);
        var square = (mean - example.Target).square();
        var loss = example.Weights is null
            ? square.mean()
            : (square.mean([1L, 2, 3]) * example.Weights).mean();   // [n, c, h, w] -> [n] -> []

        return loss.MoveToOuterDisposeScope();
    }

    private TrainingExample Diffuse(BetaTable table, Tensor clean, Tensor noise, double[] times)
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

        return Own(new TrainingExample(noisy, time, native, target, weights));
    }

    private TrainingExample Flow(Tensor clean, Tensor noise, double[] times)
    {
        var native = Array.ConvertAll(times, s => FlowTime.Native(s, scheduler.TrainTimesteps));
        var modelTime = tensor(
            Array.ConvertAll(times, s => (float)(s * scheduler.TrainTimesteps)), float32, clean.device);
        var noisy = Forward.Mix(noise, clean, times, Array.ConvertAll(times, s => 1 - s));

        return Own(new TrainingExample(noisy, modelTime, native, noise - clean, null));
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

    // An example outlives the scope that made it; its owner disposes it.
    private static TrainingExample Own(TrainingExample example)
    {
        example.Noisy.DetachFromDisposeScope();
        example.ModelTime.DetachFromDisposeScope();
        example.Target.DetachFromDisposeScope();
        example.Weights?.DetachFromDisposeScope();
        return example;
    }
}

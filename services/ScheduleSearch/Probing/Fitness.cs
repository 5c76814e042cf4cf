using Mlops.Diffusion.Metrics;
using static TorchSharp.torch;

namespace Mlops.ScheduleSearch.Probing;

/// <summary>
/// How close the samples of a candidate come to the dense model's samples from the same noise; higher is better
/// (Diff-ES, fitness table; only the metrics that need no foreign network).
/// </summary>
public static class Fitness
{
    /// <summary>Stands for samples that are not finite: such a schedule loses to every other, and sums of many are
    /// finite.</summary>
    public const double Worst = -1e100;

    /// <summary>Scores states [K, N, C, H, W] against the dense ones of the same shape: the last are the samples; what
    /// comes before weighs ½(1 − cos(πk/(K − 1))).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The metric is unknown.</exception>
    public static double Score(string metric, Tensor states, Tensor dense)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var last = states.shape[0] - 1;
        var (sum, total) = (0.0, 0.0);
        for (var k = last; k > 0 || k == last; k--)
        {
            var weight = last == 0 ? 1 : (1 - Math.Cos(Math.PI * k / last)) / 2;
            sum += weight * Single(metric, states[k], dense[k]);
            total += weight;
        }

        return double.IsFinite(sum) ? sum / total : Worst;
    }

    private static double Single(string metric, Tensor samples, Tensor dense) => metric switch
    {
        "latent_mse" => -SquaredDistance(samples, dense),
        "latent_cos" => Cosine(samples.flatten(1), dense.flatten(1)),
        "latent_snr" => SignalShare(samples, dense),
        "img_ssim" => PairedMetrics.Ssim(samples.clamp(-1, 1), dense.clamp(-1, 1)).Average(),
        _ => throw new ArgumentOutOfRangeException(
            nameof(metric), metric, "must be latent_mse, latent_cos, latent_snr or img_ssim"),
    };

    private static double SquaredDistance(Tensor samples, Tensor dense) =>
        (samples - dense).pow(2).mean().item<float>();

    private static double SignalShare(Tensor samples, Tensor dense)
    {
        var signal = dense.pow(2).mean().item<float>();
        return signal / (signal + SquaredDistance(samples, dense));
    }

    // Mean over samples of the cosine of their flattened values, [N, C·H·W].
    private static double Cosine(Tensor samples, Tensor dense)
    {
        var lengths = (samples.pow(2).sum(1) * dense.pow(2).sum(1)).sqrt();
        return ((samples * dense).sum(1) / lengths).mean().item<float>();
    }
}

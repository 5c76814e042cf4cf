using System.ComponentModel.DataAnnotations;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Sampling;

namespace Mlops.Evaluation;

/// <summary>How a pruned model is measured; the defaults take a minute or two for a toy model on a laptop.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Images sampled by each model from equal noise.</summary>
    [Range(2, 1_000_000)]
    public int Images { get; init; } = 64;

    /// <summary>Type in which both models compute.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Images per forward pass.</summary>
    [Range(1, 4096)]
    public int Batch { get; init; } = 16;

    /// <summary><c>ddim</c>, <c>euler</c>, …; <c>auto</c> takes the deterministic one that fits the model.</summary>
    [KnownSampler]
    public string Sampler { get; init; } = "auto";

    /// <summary>Sampler steps of one image; null takes those of the pruned model's step table, or 20.</summary>
    [Range(1, 1000)]
    public int? Steps { get; init; }

    /// <summary>Scale of classifier-free guidance, 1 for none; null takes that of the step table, or 1.</summary>
    [Range(0.0, 1000.0)]
    public double? Guidance { get; init; }

    /// <summary>DDIM: take ε from the clipped x_0; null takes what the step table says, or no.</summary>
    public bool? UseClippedModelOutput { get; init; }

    /// <summary>Whether the dense model also draws in as few steps as the pruned model's MACs pay for: the first rival
    /// of every method.</summary>
    public bool FewerSteps { get; init; } = true;

    /// <summary>Bands of the trajectory for which losses and deviations are given apart.</summary>
    [Range(1, 100)]
    public int Bands { get; init; } = 5;

    /// <summary>Held-out images per band on which the denoising loss is measured.</summary>
    [Range(1, 100_000)]
    public int LossImages { get; init; } = 64;

    /// <summary>
    /// Counted rounds of the timing; one more warms up. 0 leaves times and memory out, and with them all that differs
    /// from one execution to the next.
    /// </summary>
    [Range(0, 1000)]
    public int TimingRounds { get; init; } = 5;

    /// <summary>Images per sampling run while timing.</summary>
    [Range(1, 4096)]
    public int TimingBatch { get; init; } = 4;

    /// <summary>Real images against which distributions are compared; 0 leaves those numbers out.</summary>
    [Range(0, 1_000_000)]
    public int RealImages { get; init; } = 2000;

    /// <summary>KID, Fréchet distance, precision and recall are left out where fewer images are drawn or at hand: of
    /// few images they say little.</summary>
    [Range(6, 1_000_000)]
    public int DistributionImages { get; init; } = 2000;

    /// <summary>Pairs shown in the picture.</summary>
    [Range(1, 256)]
    public int Pairs { get; init; } = 8;

    /// <summary>Gate: highest kept ratio of MACs; 1 accepts any.</summary>
    [Range(0.0, 1.0)]
    public double Macs { get; init; } = 1;

    /// <summary>Gate: highest kept ratio of the MACs of a whole image; 1 accepts any.</summary>
    [Range(0.0, 1.0)]
    public double TotalMacs { get; init; } = 1;

    /// <summary>Gate: lowest mean SSIM to the dense model's images.</summary>
    [Range(-1.0, 1.0)]
    public double MinSsim { get; init; } = 0.5;

    /// <summary>Gate: highest held-out denoising loss, relative to the dense model's; the upper end of the paired 98 %
    /// interval must not be above. The nearer to 1, the more <c>loss-images</c> it takes to pass.</summary>
    [Range(0.0, 1000.0)]
    public double MaxLossRatio { get; init; } = 1.2;
}

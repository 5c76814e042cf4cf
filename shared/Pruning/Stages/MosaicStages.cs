using Mlops.Diffusion.Schedulers;

namespace Mlops.Pruning.Stages;

/// <summary>
/// MosaicDiff's three stages (arXiv 2510.11962): score(t) = E[Grad(t)] + λ·ln SNR(t) with E[Grad(t)] =
/// 2·(√ᾱ_{t−1} − √ᾱ_t) for data of unit variance; the middle stage is where the score exceeds M times its largest
/// value, and sparsity goes as 1 − the stage's mean score. λ and M were not to be found, nor how scores become shares;
/// here they are divided by the largest and clipped to [0, 1], and the middle is the one run of timesteps around the
/// peak.
/// </summary>
/// <param name="Bounds">Clean end, middle, noisy end.</param>
/// <param name="Importance">Mean score of each stage, in [0, 1].</param>
public sealed record MosaicStages(StageBounds Bounds, IReadOnlyList<double> Importance)
{
    /// <summary>The method's name in options and files.</summary>
    public const string Method = "mosaicdiff";

    /// <summary>How many stages there are.</summary>
    public const int Count = 3;

    /// <summary>λ and M unless others are given.</summary>
    public const double UsualSnrWeight = 1e-4, UsualPeakShare = 0.5;

    private const int Halvings = 100;

    /// <summary>The stages of a noise schedule.</summary>
    /// <param name="snrWeight">λ.</param>
    /// <param name="peakShare">M, in (0, 1).</param>
    /// <exception cref="InvalidDataException">The model has no ᾱ, or the middle reaches an end.</exception>
    public static MosaicStages Of(NoiseScheduler scheduler, double snrWeight, double peakShare)
    {
        var schedule = scheduler.Schedule ?? throw new InvalidDataException(
            "MosaicDiff's stages come from the ᾱ of a noise schedule, which flow models lack; choose even stages");
        var bars = schedule.SolverAlphaBars();
        double[] scores = [.. bars.Select((bar, t) =>
            (2 * (Math.Sqrt(t == 0 ? 1 : bars[t - 1]) - Math.Sqrt(bar))) + (snrWeight * Math.Log(bar / (1 - bar))))];
        var largest = scores.Max();
        var (first, end) = (Array.IndexOf(scores, largest), Array.IndexOf(scores, largest) + 1);
        while (first > 0 && scores[first - 1] > peakShare * largest)
            first--;
        while (end < scores.Length && scores[end] > peakShare * largest)
            end++;
        if (first == 0 || end == scores.Length)
            throw new InvalidDataException(FormattableString.Invariant(
                $"λ = {snrWeight} and M = {peakShare} make timesteps {first} to {end - 1} of {scores.Length} the ")
                + "middle stage, so one end has none; raise peak-share or change snr-weight");

        var bounds = StageBounds.At([first, end], scores.Length);
        return new MosaicStages(bounds, [.. Enumerable.Range(0, Count).Select(stage =>
            scores[bounds.First(stage)..bounds.End(stage)].Average(score => Math.Clamp(score / largest, 0, 1)))]);
    }

    /// <summary>Sparsity of each stage: c·(1 − importance), at most <paramref name="most"/>, so that the mean over
    /// native timesteps is <paramref name="wanted"/>.</summary>
    /// <exception cref="InvalidDataException">Not even the most gives the mean.</exception>
    public double[] Sparsities(double wanted, double most)
    {
        if (Mean(At(double.MaxValue)) < wanted)
            throw new InvalidDataException(FormattableString.Invariant(
                $"macs {1 - wanted:0.###} cannot be reached: with all gone that may go {Ratios.Up(1 - most)} is left"));
        var (low, high) = (0.0, 1.0);
        while (Mean(At(high)) < wanted)
            high *= 2;
        for (var halving = 0; halving < Halvings; halving++)
            (low, high) = Mean(At((low + high) / 2)) < wanted
                ? ((low + high) / 2, high)
                : (low, (low + high) / 2);
        return At(high);

        double[] At(double c) => [.. Importance.Select(mean => Math.Min(c * (1 - mean), most))];

        double Mean(double[] sparsities) => sparsities.Select((value, stage) => value * Bounds.Share(stage)).Sum();
    }
}

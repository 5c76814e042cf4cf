using static TorchSharp.torch;

namespace Mlops.Diffusion.Schedulers;

/// <summary>Keeps a predicted x_0 in range: dynamic thresholding
/// (Saharia et al. 2022, section 2.3) or plain clipping.</summary>
public sealed record SampleClip(bool Threshold, double Ratio, double Largest, bool Clip, double Range)
{
    /// <summary>Reads the options; <paramref name="canClip"/> is false for DPM-Solver, which only thresholds.</summary>
    public static SampleClip Read(SchedulerOptions options, bool canClip) => new(
        options.Flag("thresholding", false),
        options.Number("dynamic_thresholding_ratio", 0.995),
        options.Number("sample_max_value", 1),
        canClip && options.Flag("clip_sample", true),
        canClip ? options.Number("clip_sample_range", 1) : 1);

    /// <summary>The clipped x_0; belongs to the caller's dispose scope.</summary>
    public Tensor Apply(Tensor clean)
    {
        if (!Threshold)
            return Clip ? clean.clamp(-Range, Range) : clean.alias();

        using var scope = NewDisposeScope();
        var flat = clean.reshape(clean.shape[0], -1);   // [n, c, h, w] -> [n, c·h·w]
        using var ratio = tensor(Ratio, flat.dtype, flat.device);
        var s = flat.abs().quantile(ratio, 1).clamp(1, Largest).unsqueeze(1);
        var kept = flat.clamp(s.neg(), s) / s;

        return kept.reshape(clean.shape).MoveToOuterDisposeScope();
    }
}

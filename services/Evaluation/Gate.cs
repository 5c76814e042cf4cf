using Mlops.Contracts.Evaluations;
using Mlops.Evaluation.Report;

namespace Mlops.Evaluation;

/// <summary>Decides whether the pruned model may stand in for the dense one; a distribution metric is never the judge.
/// Of the held-out loss it looks at the upper end of the paired interval, not at the mean: what is worse by the limit
/// itself passes in 1 of 100 evaluations, however few the pairs, and more pairs let what is better pass.</summary>
public static class Gate
{
    // Methods that learn their masks end within one layer of the budget.
    private const double RatioTolerance = 0.005;

    // A dense model nearer than that to one that has learned nothing says nothing by being matched.
    private const double TrivialShare = 0.9;

    /// <summary>Checks the measurements against the limits of the options.</summary>
    public static Verdict Judge(IReadOnlyList<Measurement> measurements, EvaluationOptions options)
    {
        var checks = new List<Check>();
        if (Find("macs")?.Ratio is { } macs && options.Macs < 1)
            checks.Add(new("macs", macs <= options.Macs + RatioTolerance,
                $"{N(macs)} of the MACs are left; at most {N(options.Macs)} were wanted"));
        if (Find("total_macs")?.Ratio is { } total && options.TotalMacs < 1)
            checks.Add(new("total_macs", total <= options.TotalMacs + RatioTolerance,
                $"{N(total)} of the MACs of a whole image are left; at most {N(options.TotalMacs)} were wanted"));
        if (Find("latency") is { Ratio: { } ratio } latency)
            checks.Add(new("latency", Find("total_macs")?.Ratio is 1 || !(latency.Low > latency.Dense),
                $"a sampling run takes {N(ratio)} of the dense time; three of four runs must not be slower"));
        if (Find("ssim") is { } ssim)
            checks.Add(new("ssim", ssim.Pruned >= options.MinSsim,
                $"mean SSIM to the dense images is {N(ssim.Pruned)}; at least {N(options.MinSsim)} is wanted"));
        if (Find("trivial_loss") is { Pruned: var trivial } && Find("loss")?.Dense is { } dense)
            checks.Add(Learned(dense, trivial));
        if (Find("loss_ratio") is { Pruned: var loss, High: var highest })
            checks.Add(new("loss", highest <= options.MaxLossRatio,
                $"held-out loss is {N(loss)} of the dense one, at most {N(highest ?? loss)} with 99 % confidence; "
                + $"{N(options.MaxLossRatio)} is allowed"));
        return new(checks);

        Measurement? Find(string name) => measurements.FirstOrDefault(m => m.Name == name);
    }

    private static Check Learned(double dense, double trivial)
    {
        var (learned, share) = (dense <= TrivialShare * trivial, N(dense / trivial));
        return new("trivial_loss", learned, learned
            ? $"the dense model has learned its data: its held-out loss is {share} of a trivial denoiser's"
            : $"the dense model is not trained enough to judge by it: its held-out loss is {share} of a denoiser's "
                + $"that knows only the data's mean and variance; at most {N(TrivialShare)} is wanted");
    }

    private static string N(double value) => Drawing.Number(Math.Round(value, 4));
}

using BetaDistribution = MathNet.Numerics.Distributions.Beta;

namespace Mlops.Diffusion.Schedulers;

/// <summary>Re-spaced noise levels σ, and the way back from σ to a (fractional) native timestep.</summary>
public static class SigmaGrid
{
    /// <summary>Which of the three re-spacings a configuration switches on, or <c>none</c>.</summary>
    /// <exception cref="ArgumentException">more than one is on.</exception>
    public static string ReadRespacing(SchedulerOptions options)
    {
        string[] on =
        [
            .. options.Flag("use_karras_sigmas", false) ? ["karras"] : Array.Empty<string>(),
            .. options.Flag("use_exponential_sigmas", false) ? ["exponential"] : Array.Empty<string>(),
            .. options.Flag("use_beta_sigmas", false) ? ["beta"] : Array.Empty<string>(),
        ];
        return on.Length switch
        {
            0 => "none",
            1 => on[0],
            _ => throw new ArgumentException(
                $"scheduler_config.json: use_{string.Join("_sigmas and use_", on)}_sigmas exclude each other; "
                + "keep one."),
        };
    }

    /// <summary>The grid of one re-spacing, largest σ first.</summary>
    public static double[] Respace(string name, double largest, double smallest, int steps) => name switch
    {
        "karras" => Karras(largest, smallest, steps),
        "exponential" => Exponential(largest, smallest, steps),
        _ => Beta(largest, smallest, steps),
    };

    /// <summary>Karras et al. 2022, equation 5 with ρ = 7.</summary>
    public static double[] Karras(double largest, double smallest, int steps)
    {
        const double rho = 7;
        double high = Math.Pow(largest, 1 / rho), low = Math.Pow(smallest, 1 / rho);
        return Array.ConvertAll(Ramp(steps), u => Math.Pow(high + (u * (low - high)), rho));
    }

    /// <summary>Even steps of log σ; Lu et al. 2022 name the same grid by λ = −log σ with ρ = 1.</summary>
    public static double[] Exponential(double largest, double smallest, int steps)
    {
        double high = Math.Log(largest), low = Math.Log(smallest);
        return Array.ConvertAll(Ramp(steps), u => Math.Exp(high + (u * (low - high))));
    }

    /// <summary>Quantiles of Beta(0.6, 0.6) between the two ends (Lee et al. 2024).</summary>
    public static double[] Beta(double largest, double smallest, int steps) => Array.ConvertAll(
        Ramp(steps), u => smallest + (BetaDistribution.InvCDF(0.6, 0.6, 1 - u) * (largest - smallest)));

    /// <summary>Linear interpolation of the training table at fractional timesteps.</summary>
    public static double[] At(double[] table, double[] timesteps) => Array.ConvertAll(timesteps, t =>
    {
        var low = Math.Clamp((int)Math.Floor(t), 0, table.Length - 1);
        var high = Math.Min(low + 1, table.Length - 1);
        return table[low] + ((table[high] - table[low]) * Math.Clamp(t - low, 0, 1));
    });

    /// <summary>The fractional native timestep whose log σ is nearest, by linear interpolation.</summary>
    public static double TimestepOf(double sigma, double[] logSigmas)
    {
        var log = Math.Log(Math.Max(sigma, 1e-10));
        var low = Array.FindLastIndex(logSigmas, entry => log - entry >= 0);
        low = Math.Clamp(low, 0, Math.Max(logSigmas.Length - 2, 0));
        if (logSigmas.Length == 1)
            return 0;

        var w = Math.Clamp((logSigmas[low] - log) / (logSigmas[low] - logSigmas[low + 1]), 0, 1);
        return ((1 - w) * low) + (w * (low + 1));
    }

    private static double[] Ramp(int steps) => TimestepGrid.Linspace(0, 1, steps);
}

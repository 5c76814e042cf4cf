namespace Mlops.Diffusion.Schedulers;

/// <summary>The variance-preserving training schedule, x_t = √ᾱ_t·x_0 + √(1−ᾱ_t)·ε (Ho et al. 2020, equation 4).
/// Values are rounded to float32 where the reference library does, because 1 − ᾱ near t = 0 shows every bit.</summary>
public sealed class NoiseSchedule
{
    // Zero terminal SNR would make σ infinite; solvers in σ use the smallest half-precision number instead.
    private const double NearlyZero = 1.0 / (1 << 24);

    /// <summary>More native timesteps than any model has.</summary>
    public const int MaxTimesteps = 1_000_000;

    private NoiseSchedule(float[] betas)
    {
        Betas = betas;
        AlphaBars = Cumulate(betas);
    }

    /// <summary>β_t for t = 0 … T−1.</summary>
    public float[] Betas { get; }

    /// <summary>ᾱ_t = ∏(1−β), for t = 0 … T−1.</summary>
    public float[] AlphaBars { get; }

    /// <summary>T, the number of native timesteps.</summary>
    public int Count => Betas.Length;

    /// <summary>σ_t = √((1−ᾱ)/ᾱ), ascending; with zero terminal SNR the last ᾱ is lifted to 2⁻²⁴ first.</summary>
    public double[] Sigmas()
    {
        var bars = SolverAlphaBars();
        return Array.ConvertAll(bars, bar => (double)(float)Math.Sqrt((1 - bar) / bar));
    }

    /// <summary>ᾱ_t with a zero last entry lifted to 2⁻²⁴.</summary>
    public double[] SolverAlphaBars() =>
        Array.ConvertAll(AlphaBars, bar => bar > 0 ? (double)bar : NearlyZero);

    /// <summary>Builds the table from <c>beta_schedule</c>, <c>trained_betas</c> and
    /// <c>rescale_betas_zero_snr</c>.</summary>
    public static NoiseSchedule Read(SchedulerOptions options)
    {
        var count = options.Whole("num_train_timesteps", 1000, 1, MaxTimesteps);
        var start = options.Number("beta_start", 0.0001);
        var end = options.Number("beta_end", 0.02);
        var schedule = options.Choice(
            "beta_schedule", "linear", "linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid");
        var trained = options.Numbers("trained_betas");
        var betas = trained is not null ? Array.ConvertAll(trained, beta => (float)beta) : schedule switch
        {
            "linear" => Linspace(start, end, count),
            "scaled_linear" => Array.ConvertAll(Linspace(Math.Sqrt(start), Math.Sqrt(end), count), root => root * root),
            "sigmoid" => Array.ConvertAll(
                Linspace(-6, 6, count), x => (float)((1 / (1 + Math.Exp(-x)) * (end - start)) + start)),
            _ => Cosine(count),
        };
        if (betas.Any(beta => beta is not (>= 0 and <= 1)))
            throw new ArgumentException(
                "scheduler_config.json: beta_start, beta_end or trained_betas gives a beta outside [0, 1]; "
                + "correct it.");

        return new NoiseSchedule(options.Flag("rescale_betas_zero_snr", false) ? ZeroTerminalSnr(betas) : betas);
    }

    /// <summary>Evenly spaced float32 numbers, bit for bit as libtorch makes them: in blocks of eight, counted from
    /// the start in the first half and from the end in the second.</summary>
    public static float[] Linspace(double start, double end, int count)
    {
        const int block = 8;
        float first = (float)start, last = (float)end;
        var step = count > 1 ? (last - first) / (count - 1) : 0;
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            var lane = i < count - (count % block) ? i % block : 0;
            var from = i - lane;
            values[i] = (step * lane) + (from < count / 2 || count == 1
                ? MathF.FusedMultiplyAdd(step, from, first)
                : MathF.FusedMultiplyAdd(-step, count - 1 - from, last));
        }

        return values;
    }

    // Nichol & Dhariwal 2021, equation 17: ᾱ(s) = cos²((s + 0.008)/1.008 · π/2), β capped at 0.999.
    private static float[] Cosine(int count)
    {
        static double AlphaBar(double s) => Math.Pow(Math.Cos((s + 0.008) / 1.008 * Math.PI / 2), 2);

        var betas = new float[count];
        for (var i = 0; i < count; i++)
            betas[i] = (float)Math.Min(1 - (AlphaBar((i + 1.0) / count) / AlphaBar((double)i / count)), 0.999);

        return betas;
    }

    // Lin et al. 2023, algorithm 1: shift and scale √ᾱ so that the last entry is exactly zero.
    private static float[] ZeroTerminalSnr(float[] betas)
    {
        var roots = Array.ConvertAll(Cumulate(betas), MathF.Sqrt);
        float first = roots[0], last = roots[^1], scale = first / (first - last);
        var bars = Array.ConvertAll(roots, root => (root - last) * scale * ((root - last) * scale));
        var rescaled = new float[betas.Length];
        for (var i = 0; i < rescaled.Length; i++)
            rescaled[i] = 1 - (i == 0 ? bars[0] : bars[i] / bars[i - 1]);

        return rescaled;
    }

    private static float[] Cumulate(float[] betas)
    {
        var product = 1.0;
        return Array.ConvertAll(betas, beta => (float)(product *= 1 - beta));
    }
}

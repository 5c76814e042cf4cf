namespace Mlops.Diffusion.Schedulers;

/// <summary>Which native timesteps a sampler visits (Lin et al. 2023, table 2).</summary>
public static class TimestepGrid
{
    /// <summary>The three spacings that configurations name.</summary>
    public static readonly string[] Spacings = ["linspace", "leading", "trailing"];

    /// <summary>DDPM and DDIM: <paramref name="steps"/> whole timesteps in descending order.</summary>
    public static double[] Ancestral(string spacing, int steps, int count, int offset)
    {
        CheckSteps(steps, count);
        return spacing switch
        {
            "linspace" => Reverse(Round(Linspace(0, count - 1, steps))),
            "leading" => Array.ConvertAll(Leading(count / steps, steps), t => t + offset),
            _ => Array.ConvertAll(Trailing(count, count, steps), t => t - 1),
        };
    }

    /// <summary>DPM-Solver: one more point than steps, without the
    /// last; <paramref name="last"/> clips small λ away.</summary>
    public static double[] Solver(string spacing, int steps, int count, int last, int offset)
    {
        CheckSteps(steps, count);
        return spacing switch
        {
            "linspace" => Reverse(Round(Linspace(0, last - 1, steps + 1)))[..steps],
            "leading" => Array.ConvertAll(Leading(last / (steps + 1), steps + 1)[..steps], t => t + offset),
            _ => Array.ConvertAll(Trailing(last, count, steps), t => t - 1),
        };
    }

    /// <summary>Euler: like DDIM, but linspace keeps its fractions.</summary>
    public static double[] Euler(string spacing, int steps, int count, int offset) => spacing == "linspace"
        ? Array.ConvertAll(Reverse(Linspace(0, count - 1, steps)), t => (double)(float)t)
        : Ancestral(spacing, steps, count, offset);

    /// <summary>Checks timesteps that the caller chose: descending and inside the training table.</summary>
    public static double[] Custom(IReadOnlyList<double> timesteps, int count)
    {
        for (var i = 0; i < timesteps.Count; i++)
            if (timesteps[i] < 0 || timesteps[i] >= count || (i > 0 && timesteps[i] >= timesteps[i - 1]))
                throw new ArgumentException(
                    $"timesteps must fall strictly and lie in [0, {count - 1}], but entry {i} is {timesteps[i]}.");
        return [.. timesteps];
    }

    /// <summary>Evenly spaced doubles, both ends included.</summary>
    public static double[] Linspace(double start, double end, int count)
    {
        var step = count > 1 ? (end - start) / (count - 1) : 0;
        var values = new double[count];
        for (var i = 0; i < count; i++)
            values[i] = (i * step) + start;
        if (count > 1)
            values[^1] = end;

        return values;
    }

    private static double[] Leading(int ratio, int steps)
    {
        var values = new double[steps];
        for (var i = 0; i < steps; i++)
            values[i] = (double)(steps - 1 - i) * ratio;

        return values;
    }

    private static double[] Trailing(int last, int count, int steps)
    {
        var ratio = (double)count / steps;
        // The spacing is taken from the first two rounded points, as numpy's arange does.
        var step = last - ratio - last;
        var values = new double[(int)Math.Ceiling(last / ratio)];
        for (var i = 0; i < values.Length; i++)
            values[i] = last + (i * step);

        return Round(values);
    }

    private static double[] Round(double[] values) => Array.ConvertAll(values, Math.Round);

    private static double[] Reverse(double[] values)
    {
        Array.Reverse(values);
        return values;
    }

    private static void CheckSteps(int steps, int count)
    {
        if (steps < 1 || steps > count)
            throw new ArgumentOutOfRangeException(nameof(steps), steps, $"sampling steps must be in [1, {count}].");
    }
}

using static TorchSharp.torch;

namespace Mlops.Diffusion.Schedulers;

/// <summary>The forward process with per-sample coefficients.</summary>
public static class Forward
{
    /// <summary>α_n·a_n + σ_n·b_n for each sample n; belongs to the caller's dispose scope.</summary>
    public static Tensor Mix(Tensor a, Tensor b, double[] alphas, double[] sigmas)
    {
        using var scope = NewDisposeScope();
        return ((a * Column(alphas, a)) + (b * Column(sigmas, b))).MoveToOuterDisposeScope();
    }

    /// <summary>Noises with a training table: √ᾱ_t·x_0 + √(1−ᾱ_t)·ε for native timesteps t [N].</summary>
    public static Tensor Noised(NoiseSchedule table, Tensor clean, Tensor noise, Tensor timesteps)
    {
        var bars = BarsOf(table, timesteps);
        return Mix(clean, noise, Array.ConvertAll(bars, Math.Sqrt), Array.ConvertAll(bars, bar => Math.Sqrt(1 - bar)));
    }

    /// <summary>The velocity target √ᾱ_t·ε − √(1−ᾱ_t)·x_0.</summary>
    public static Tensor Velocity(NoiseSchedule table, Tensor clean, Tensor noise, Tensor timesteps)
    {
        var bars = BarsOf(table, timesteps);
        return Mix(noise, clean, Array.ConvertAll(bars, Math.Sqrt), Array.ConvertAll(bars, bar => -Math.Sqrt(1 - bar)));
    }

    /// <summary>ᾱ_t of each entry.</summary>
    public static double[] BarsOf(NoiseSchedule table, Tensor timesteps) => Array.ConvertAll(timesteps.Doubles(), t =>
        t >= 0 && t < table.Count
            ? (double)table.AlphaBars[(int)t]
            : throw new ArgumentOutOfRangeException(nameof(timesteps), t,
                $"a timestep must be in [0, {table.Count - 1}]."));

    private static Tensor Column(double[] values, Tensor like)
    {
        var shape = new long[like.dim()];
        Array.Fill(shape, 1);
        shape[0] = values.Length;
        return tensor(Array.ConvertAll(values, v => (float)v), shape, like.dtype, like.device);   // [n] -> [n, 1, …]
    }
}

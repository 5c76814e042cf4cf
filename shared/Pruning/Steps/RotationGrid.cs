using MathNet.Numerics;
using Mlops.Diffusion;
using Mlops.Diffusion.Sampling;
using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>Timesteps between which the trajectory turns by equal angles: constant total rotation (TORS, arXiv
/// 2603.00763). Of the paper only the summary was to be had: that it projects sampled trajectories, takes curvature κ
/// and torsion τ by Frenet and Serret, and cuts them into pieces of equal total rotation. Ours are the rate √(κ² + τ²),
/// the fit, its guards, and the coordinates y = x/(α + σ) = (1 − s)·x_0 + s·ε, in which a step that keeps x_0 and ε is
/// a straight line for every kind of model.</summary>
/// <param name="Times">Native timesteps of the fine run, falling, and 0 for its end.</param>
/// <param name="Turned">Share of the total rotation up to there, from 0 to 1, mean over the probes.</param>
public sealed record RotationGrid(IReadOnlyList<double> Times, IReadOnlyList<double> Turned)
{
    // A cubic is fitted to that share of the path on either side, as the paper's group does with 101 of 1000 points.
    private const double Window = 0.05;

    // The torsion has poles where the curvature vanishes: no piece of the path counts for more than this quantile.
    private const double Quantile = 0.98;

    // A path that leaves its chord by less than this share of it is straight.
    private const double Straight = 1e-3;

    /// <summary>Measures the rotation along a fine run, as many evaluations per probe as it has steps.</summary>
    /// <returns>Null if the trajectories are straight, where no grid is better than another.</returns>
    public static RotationGrid? Measure(StepProblem fine, Probes probes, CancellationToken cancellationToken)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var scheduler = fine.CreateScheduler();
        var states = new List<Tensor>();
        var last = new Sampler(scheduler, new SamplerOptions(fine.Steps, fine.Seed, probes.Count, fine.Options)).Sample(
            fine.Network, probes.Noise, probes.Labels, step =>
            {
                var level = scheduler.LevelOf(step.Index);
                using var input = scheduler.ScaleModelInput(step.Input, step.Index);
                states.Add((input / (level.Alpha + level.Sigma)).flatten(1).cpu().DetachFromDisposeScope());
            }, cancellationToken);
        var paths = stack([.. states, last.flatten(1).cpu()], 1).to(float64);           // [P, S + 1, D]
        states.ForEach(state => state.Dispose());
        var turned = paths.unbind(0).Select(path => Rotation(path)).Where(path => path[^1] > 0).ToList();
        return turned.Count == 0
            ? null
            : new([.. scheduler.Timesteps, 0], [.. Enumerable.Range(0, fine.Steps + 1).Select(
                at => turned.Average(path => path[at] / path[^1]))]);
    }

    /// <summary>The rotation of the Frenet frame from the beginning of a path to each of its points, in radians; zero
    /// throughout if it is straight.</summary>
    /// <param name="path">Points [S + 1, D] float64, smooth in their index.</param>
    public static double[] Rotation(Tensor path)
    {
        using var scope = NewDisposeScope();
        var points = Projected(path);
        var reach = Math.Max(3, (int)Math.Round(Window * points[0].Length));
        var rates = new double[points[0].Length];
        for (var at = 0; at < rates.Length && points.Length == 3; at++)
        {
            var (first, end) = (Math.Max(0, at - reach), Math.Min(rates.Length, at + reach + 1));
            double[] ahead = [.. Enumerable.Range(first, end - first).Select(i => (double)(i - at))];
            var fits = Array.ConvertAll(points, axis => Fit.Polynomial(ahead, axis[first..end], 3));
            rates[at] = Rate(
                Array.ConvertAll(fits, fit => fit[1]), Array.ConvertAll(fits, fit => 2 * fit[2]),
                Array.ConvertAll(fits, fit => 6 * fit[3]));
        }

        var most = rates.Order().ElementAt((int)(Quantile * (rates.Length - 1)));
        var turned = new double[rates.Length];
        for (var at = 1; at < turned.Length; at++)
            turned[at] = turned[at - 1] + ((Math.Min(rates[at - 1], most) + Math.Min(rates[at], most)) / 2);
        return turned;
    }

    /// <summary>So many whole timesteps from <paramref name="first"/> on, falling, at equal angles.</summary>
    /// <param name="steps">At most as many as there are timesteps below the first.</param>
    /// <param name="lowest">The least of them: 1 where 0 has no noise.</param>
    public IReadOnlyList<int> Timesteps(int steps, int first, int lowest)
    {
        var timesteps = new int[steps];
        timesteps[0] = first;
        for (var step = 1; step < steps; step++)
            timesteps[step] = Math.Clamp(
                (int)Math.Round(At((double)step / steps)), lowest + steps - 1 - step, timesteps[step - 1] - 1);
        return timesteps;
    }

    private double At(double share)
    {
        var after = Enumerable.Range(1, Turned.Count - 1).First(i => Turned[i] >= share || i == Turned.Count - 1);
        var rise = Turned[after] - Turned[after - 1];
        var part = rise > 0 ? Math.Clamp((share - Turned[after - 1]) / rise, 0, 1) : 0;
        return Times[after - 1] + (part * (Times[after] - Times[after - 1]));
    }

    // Coordinates along the chord and the two principal components of what is left; nothing where that is nothing.
    private static double[][] Projected(Tensor path)
    {
        var from = path - path[0];
        var end = from.select(0, -1);
        var chord = end / end.norm();
        var along = from.mv(chord);                                                     // [S + 1]
        var rest = from - outer(along, chord);
        rest = rest - rest.mean([0L]);
        var (values, vectors) = linalg.eigh(rest.mm(rest.t()));                         // ascending
        var axes = new[] { -1L, -2 }.Select(k => vectors.select(1, k) * values.select(0, k).clamp_min(0).sqrt());
        return rest.norm().item<double>() <= Straight * from.norm().item<double>()
            ? [along.Doubles()]
            : [along.Doubles(), .. axes.Select(axis => axis.contiguous().Doubles())];
    }

    // √(κ² + τ²)·|r′|, with κ = |r′×r″|/|r′|³ and τ = (r′×r″)·r‴/|r′×r″|².
    private static double Rate(double[] first, double[] second, double[] third)
    {
        double[] cross =
        [
            (first[1] * second[2]) - (first[2] * second[1]), (first[2] * second[0]) - (first[0] * second[2]),
            (first[0] * second[1]) - (first[1] * second[0]),
        ];
        double speed = Math.Sqrt(Dot(first, first)), area = Math.Sqrt(Dot(cross, cross));
        if (speed == 0 || area == 0)
            return 0;
        double kappa = area / (speed * speed * speed), tau = Dot(cross, third) / (area * area);
        return Math.Sqrt((kappa * kappa) + (tau * tau)) * speed;

        static double Dot(double[] a, double[] b) => (a[0] * b[0]) + (a[1] * b[1]) + (a[2] * b[2]);
    }
}

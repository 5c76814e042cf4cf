using Mlops.Diffusion;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Steps;

public sealed class RotationGridTests
{
    private const int Points = 201;

    [Fact]
    public void A_helix_turns_as_its_angle_grows_however_fast_it_is_run_through()
    {
        using var scope = NewDisposeScope();
        var angles = Angles(2, 0.5, 1);
        // Radius 2, rise 1: curvature 2/5 and torsion 1/5 on an arc of √5 per radian, which is one radian per radian.
        var helix = Embedded([cos(angles) * 2, sin(angles) * 2, angles]);

        var turned = RotationGrid.Rotation(helix);

        Assert.All(turned.Zip(angles.Doubles()), pair => Assert.Equal(pair.Second, pair.First, 0.05));
        // A quarter of the angle where 0.5·u + u² = 0.375, a half at 0.75, and so on.
        Near([1000, 589, 349, 160], turned);
    }

    [Fact]
    public void Two_arcs_of_unlike_radius_get_as_many_steps_each_as_they_turn()
    {
        using var scope = NewDisposeScope();
        // Half of the length turns by 1.5, the other by 0.5: three steps of four lie in the first.
        var turn = cat([full(100, 0.015, float64), full(100, 0.005, float64)], 0).cumsum(0);
        var start = zeros(1, float64);
        var arcs = Embedded([cat([start, cos(turn).cumsum(0)], 0), cat([start, sin(turn).cumsum(0)], 0)]);

        var turned = RotationGrid.Rotation(arcs);

        Assert.Equal(2, turned[^1], 0.06);
        Near([1000, 833, 667, 500], turned);
    }

    [Fact]
    public void A_straight_trajectory_has_no_grid()
    {
        using var scope = NewDisposeScope();
        // One point alone: v = (α·x − x_0)/σ is exact, and every path runs straight into it.
        var problem = SomeProblem.Of("ddim", 50);
        var schedule = problem.CreateScheduler().Schedule!;
        problem = problem with
        {
            Network = (x, t, _) =>
            {
                var level = NoiseLevel.Of(schedule.AlphaBars[(int)t.item<long>()]);
                return ((x * level.Alpha) - 0.5) / level.Sigma;
            },
        };

        Assert.Null(RotationGrid.Measure(problem, SomeProblem.Probes(2, 1), default));
        Assert.Equal(0, RotationGrid.Rotation(Embedded([Angles(1, 0, 1)]))[^1]);
    }

    [Fact]
    public void A_sampled_trajectory_is_cut_into_equal_turns()
    {
        using var scope = NewDisposeScope();

        var grid = RotationGrid.Measure(SomeProblem.Of("ddim", 200), SomeProblem.Probes(6, 1), default)!;

        Assert.Equal((201, 999, 0), (grid.Times.Count, grid.Times[0], grid.Times[^1]));
        Assert.Equal(grid.Turned.Order(), grid.Turned);
        var timesteps = grid.Timesteps(8, 999, 0);
        // The mean over the probes of how far they have turned at the fine step before and behind each.
        for (var step = 1; step < 8; step++)
        {
            var behind = Enumerable.Range(0, 201).First(i => grid.Times[i] <= timesteps[step] - 1);
            Assert.InRange(step / 8.0, grid.Turned[Math.Max(0, behind - 2)], grid.Turned[behind]);
        }
    }

    [Fact]
    public void Timesteps_fall_by_one_at_least_even_where_all_of_the_rotation_is_in_one_place()
    {
        double[] times = [999, 4, 3, 0], turned = [0, 0, 1, 1];
        var grid = new RotationGrid(times, turned);

        Assert.Equal([999, 4, 3, 2, 1, 0], grid.Timesteps(6, 999, 0));
        Assert.Equal([1000, 4, 3, 2, 1], grid.Timesteps(5, 1000, 1));
    }

    // a·u² + b·u of a curve that is run through at a rising speed, u from 0 to 1.
    private static Tensor Angles(double square, double linear, double to)
    {
        var u = linspace(0, to, Points, float64);
        return (u.square() * square / 2) + (u * linear);
    }

    private static void Near(int[] expected, double[] turned)
    {
        var grid = new RotationGrid(
            [.. Enumerable.Range(0, Points).Select(i => 1000 - (i * 1000.0 / (Points - 1)))],
            [.. turned.Select(angle => angle / turned[^1])]);
        Assert.All(
            expected.Zip(grid.Timesteps(expected.Length, 1000, 0)),
            pair => Assert.InRange(pair.Second, pair.First - 15, pair.First + 15));
    }

    // Into 24 dimensions, by an orthonormal basis that mixes them.
    private static Tensor Embedded(Tensor[] axes)
    {
        using var generator = new Generator(3);
        var (basis, _) = linalg.qr(randn([24, axes.Length], float64, generator: generator));
        return stack(axes, 1).mm(basis.t());
    }
}

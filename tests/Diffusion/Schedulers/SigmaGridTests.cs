using Mlops.Diffusion.Schedulers;

namespace Mlops.Tests.Diffusion.Schedulers;

public sealed class SigmaGridTests
{
    [Fact]
    public void The_middle_of_a_symmetric_beta_grid_is_the_mean_of_its_ends()
    {
        Assert.Equal((14.6 + 0.03) / 2, SigmaGrid.Respace("beta", 14.6, 0.03, 9)[4], 1e-9);
    }

    [Theory]
    [InlineData("karras")]
    [InlineData("exponential")]
    [InlineData("beta")]
    public void A_respaced_grid_falls_from_the_largest_to_the_smallest_level(string name)
    {
        var grid = SigmaGrid.Respace(name, 14.6, 0.03, 8);

        Assert.Equal(14.6, grid[0], 5e-10);
        Assert.Equal(0.03, grid[^1], 5e-10);
        Assert.Equal(grid.OrderDescending(), grid);
    }

    [Fact]
    public void A_level_of_the_table_maps_back_to_its_timestep()
    {
        var table = NoiseSchedulers.Parse("""{"_class_name": "DDPMScheduler"}""").Schedule!.Sigmas();
        var logs = Array.ConvertAll(table, Math.Log);

        foreach (var t in new[] { 0, 1, 500, 999 })
            Assert.Equal(t, SigmaGrid.TimestepOf(table[t], logs), 5e-10);
    }

    [Fact]
    public void A_second_order_step_is_exact_for_a_linear_prediction()
    {
        // With x_0 linear in λ, DPM-Solver++ (Heun form) integrates σ_t/σ_s·x + ∫ e^λ x_0 dλ exactly.
        double alphaS = 0.8, sigmaS = 0.6, alphaT = Math.Sqrt(1 - (0.3 * 0.3)), sigmaT = 0.3;
        var h = DpmUpdate.Lambda(alphaT, sigmaT) - DpmUpdate.Lambda(alphaS, sigmaS);
        var update = DpmUpdate.Of(new DpmVariant(true, false, true), 2, alphaS, sigmaS, alphaT, sigmaT);
        double value = 1.7, slopePerStep = 0.4;

        var ours = (update.X * 2) + (update.D0 * value) + (update.D1 * slopePerStep);

        // Numerical quadrature of the same integral with 20,000 midpoints.
        var sum = 0.0;
        for (var i = 0; i < 20_000; i++)
        {
            var u = (i + 0.5) / 20_000;
            sum += Math.Exp((u - 1) * h) * (value + (slopePerStep * u)) * h / 20_000;
        }

        Assert.Equal((sigmaT / sigmaS * 2) + (alphaT * sum), ours, 5e-9);
    }
}

using Mlops.Diffusion.Models;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;

namespace Mlops.Tests.Services.ScheduleSearch;

/// <summary>Tables that carry on layers.</summary>
public sealed partial class StepTableMakerTests
{
    [Theory]
    [InlineData("layer-reuse")]
    [InlineData("layer-forecast")]
    [InlineData("inner-reuse\", \"outer\": 2, \"aim\": \"sampler")]
    [InlineData("layer-threshold")]
    [InlineData("solver\", \"between\": \"layers")]
    [InlineData("solver\", \"between\": \"inner\", \"outer\": 2, \"aim\": \"sampler")]
    public async Task Layers_that_are_carried_on_keep_one_budget_through_all_services(string method)
    {
        var model = await _jobs.ModelAsync(16);
        using var network = ModelFolder.Load(await _jobs.Artifacts.FetchAsync(model, CancellationToken.None));
        var table = await SearchAsync("layers", model, Settings.Replace("solver", method).Replace("0.5", "0.8"));

        var report = await EvaluateAsync(model, await ExportAsync(model, table), Evaluation);

        var steps = PlanFile.Load(table).Steps!;
        var costs = StepCosts.Tabled(steps, null, network).Macs / StepCosts.Dense(network, 6).Macs;
        Assert.InRange(costs, 0.5, 0.8);
        Assert.Equal(costs, report["total_macs"].Ratio!.Value, 1e-9);
        Assert.Equal((6, 6), (report["calls"].Dense, report["calls"].Pruned));
        Assert.Contains(steps.Actions, action => action is StepAction.Partial);
        Assert.Contains(report.Schedule.Steps!, step => step.Contains(" layers", StringComparison.Ordinal));
        Assert.True(report["latent_mse"].Pruned > 0);
        Assert.Equal(method.Split('"')[0].Replace("solver", "forecast"), report.Method);
        foreach (var format in (string[])["native", "padded", "onnx"])
        {
            var refusal = await Assert.ThrowsAsync<InvalidDataException>(() => ExportAsync(model, table, format));
            Assert.Equal(
                $"format '{format}' cannot hold this plan: layers are carried on from one step of the sampler to the "
                + "next; use 'pruned'", refusal.Message);
        }
    }

    [Theory]
    [InlineData("layer-forecast")]
    [InlineData("inner-reuse\", \"outer\": 4, \"aim\": \"sampler")]
    public async Task A_budget_that_the_part_which_always_runs_breaks_is_refused_before_the_work(string method)
    {
        var model = await _jobs.ModelAsync(16);
        var work = new List<JobProgress>();

        var refusal = await Assert.ThrowsAsync<InvalidDataException>(() => SearchAsync(
            "dear", model, Settings.Replace("solver", method).Replace("0.5", "0.34"), work.Add));

        Assert.StartsWith(
            "total-macs 0.34 cannot be kept, because what runs at each of the 6 steps takes", refusal.Message);
        Assert.Empty(work);
    }
}

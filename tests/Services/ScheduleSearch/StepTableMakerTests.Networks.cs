using Mlops.Cli.Hosting;
using Mlops.Contracts;
using Mlops.Diffusion.Models;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;

namespace Mlops.Tests.Services.ScheduleSearch;

public sealed partial class StepTableMakerTests
{
    [Fact]
    public async Task Steps_that_choose_between_two_networks_keep_one_budget_through_all_services()
    {
        var (model, network, skip) = await WithIdleLayerAsync();
        var schedule = await ScheduleAsync(PruningPlan.Constant("laptop", 1000, skip, 0.9));

        var table = await SearchAsync("two", model, Settings.Replace("0.5", "0.48"), schedule: schedule);
        var report = await EvaluateAsync(model, await ExportAsync(model, table), Evaluation);

        var plan = PlanFile.Load(table);
        var runs = plan.Steps!.Actions.OfType<StepAction.Run>().Select(run => plan.Variants[run.Variant]).ToArray();
        // What does nothing is left out in every run.
        Assert.All(runs, run => Assert.Equal(skip, run));
        var costs = StepCosts.Tabled(plan.Steps!, plan, network).Macs / StepCosts.Dense(network, 6).Macs;
        Assert.InRange(costs, 0.34, 0.48);
        Assert.Equal(costs, report["total_macs"].Ratio!.Value, 1e-9);
        Assert.Equal(runs.Length, report["calls"].Pruned);
        Assert.Equal("forecast-pruned", report.Method);
        network.Dispose();
    }

    /// <summary>The student is the network without what does nothing, but for the noisiest timesteps, where all layers
    /// are out.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Steps_run_a_tuned_student_on_its_own_weights_where_it_is_as_good(bool everywhere)
    {
        var (model, network, idle) = await WithIdleLayerAsync(Fashion.Model);
        var (folder, none) = (_jobs.Output("student"), new PlanVariant(network.Layers.Select(layer => layer.Name)));
        PrunedModel.Save(
            folder, network,
            PruningPlan.FromTable(
                "alter", [.. Enumerable.Range(0, 1000).Select(t => everywhere || t < 900 ? idle : none)], 0.9),
            ModelFolder.Scheduler(Fashion.Model));
        var student = await _jobs.Artifacts.ImportAsync(folder, "tuned", CancellationToken.None);
        var layer = StepCosts.Dense(network, 1).Macs - SlicedVariant.Macs(network, idle);
        // Three runs of the whole network are just too many.
        var budget = 0.5 - (layer / StepCosts.Dense(network, 6).Macs * (everywhere ? 3 : 2));

        var table = await SearchAsync(
            "tuned", model, Settings.Replace("0.5", FormattableString.Invariant($"{budget + 1e-6}")), student: student);
        var pruned = await ExportAsync(model, table);
        var report = await EvaluateAsync(model, pruned, Evaluation);

        var plan = PlanFile.Load(table);
        var runs = plan.Steps!.Actions.OfType<StepAction.Run>().Select(run => plan.Variants[run.Variant]).ToArray();
        var tuned = idle.On(WeightPacks.Tuned);
        Assert.Equal([everywhere ? tuned : PlanVariant.Dense, tuned, tuned], runs);
        var found = StepSearchFile.Load(table);
        Assert.True(found.Measured < found.Candidates["whole network alone"]);
        // Where every step runs on them, the student's weights are the model's.
        using var written = PrunedModel.Load(pruned);
        Assert.Equal(everywhere, written.Packs is null);
        Assert.Equal(written.Parameters, report["parameters"].Pruned);
        Assert.InRange(
            written.Parameters / (double)network.Present().Sum(weight => weight.Value.numel()), everywhere ? 0.9 : 1.9,
            everywhere ? 1 : 2);
        network.Dispose();
    }

    [Theory]
    [InlineData("uniform-reuse", "takes one of the roles schedule and student, the method solver with 'between' out")]
    [InlineData("solver\", \"between\": \"inner", "the method solver with 'between' output and at most 100 steps")]
    [InlineData("solver", "use the plan with the model it was made for")]
    public async Task Networks_that_no_step_can_choose_between_are_refused(string method, string complaint)
    {
        var model = await _jobs.ModelAsync(16);
        var schedule = await ScheduleAsync(PruningPlan.Constant("laptop", 1000, new PlanVariant(["nothing"]), 0.9));

        var refusal = await Assert.ThrowsAsync<InvalidDataException>(
            () => SearchAsync("bad", model, Settings.Replace("solver", method), schedule: schedule));

        Assert.Contains(complaint, refusal.Message, StringComparison.Ordinal);
    }

    // A ResNet block that adds zero.
    private async Task<(ObjectRef Model, Denoiser Network, PlanVariant Skip)> WithIdleLayerAsync(string? folder = null)
    {
        folder ??= await _jobs.Artifacts.FetchAsync(await _jobs.ModelAsync(16), CancellationToken.None);
        var (network, idle) = (ModelFolder.Load(folder), _jobs.Output("idle"));
        var layer = network.Layers.Single(each => each.Name == "down_blocks.0.resnets.1").Name;
        // Not over an await: the mode is that of a thread.
        using (TorchSharp.torch.no_grad())
            foreach (var (_, weight) in network.Present().Where(weight => weight.Name.StartsWith($"{layer}.conv2.")))
                weight.zero_();
        ModelFolder.Save(idle, network, ModelFolder.Scheduler(folder));
        return (await _jobs.Artifacts.ImportAsync(idle, "model", CancellationToken.None), network, new([layer]));
    }
}

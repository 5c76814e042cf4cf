using System.Text.Json;
using Mlops.CoFinetuning;
using Mlops.Diffusion.Models;
using Mlops.ImportanceScoring;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Plans;
using Mlops.ScheduleSearch;
using Mlops.SparseExport;
using Mlops.Tests.Pruning;

namespace Mlops.Tests.Services.ScheduleSearch;

/// <summary>A schedule from scores of stages.</summary>
public sealed class JointScheduleTests : IDisposable
{
    private readonly PruningJobs _jobs = new();

    public JointScheduleTests()
    {
        using var network = SomeNetwork.UNet32();
        _jobs.WithModel(network, SomeNetwork.Scheduler).WithImages();
    }

    public void Dispose() => _jobs.Dispose();

    [Fact]
    public async Task One_stage_gives_the_layers_that_laptop_leaves_out()
    {
        var folder = await ScheduleAsync("output-loss", stages: 1, macs: 0.7);
        var exported = await _jobs.RunAsync(new SparseExporter(), new { macs = 0.7, format = "pruned" });

        var joint = Assert.Single(PlanFile.Load(folder).Variants).Skip;
        Assert.NotEmpty(joint);
        Assert.Equal(joint, Assert.Single(PrunedModel.Load(exported + "/unet").Plan!.Variants).Skip);
    }

    /// <summary>Recipe <c>stage-laptop</c> with one stage is recipe <c>laptop</c>, to the last bit of tuned weights.
    /// </summary>
    [Fact]
    public async Task One_stage_is_laptop_bit_for_bit()
    {
        var tuning = new { mode = "distil", steps = 3, batchSize = 2 };
        var schedule = await ScheduleAsync("mixed-loss", stages: 1, macs: 0.7);
        // Export takes either the scores or a schedule of them.
        _jobs.Without("scores").With("schedule", schedule);
        var joint = await TunedAsync();
        _jobs.Without("schedule").With("scores", await _jobs.RunAsync(
            new ImportanceScorer(), new { method = "output-loss", samples = 4, batchSize = 4 }));
        var laptop = await TunedAsync();

        var file = ModelFolder.Stem + ".safetensors";
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(laptop, file)),
            await File.ReadAllBytesAsync(Path.Combine(joint, file)));

        async Task<string> TunedAsync()
        {
            var sliced = await _jobs.Without("student").RunAsync(
                new SparseExporter(), new { macs = 0.7, format = "pruned" });
            return await _jobs.With("student", sliced).RunAsync(new CoFinetuner(), tuning);
        }
    }

    [Fact]
    public async Task Stages_share_one_budget_and_the_file_says_what_they_gain()
    {
        var folder = await ScheduleAsync("mixed-loss", stages: 4, macs: 0.7);

        var plan = PlanFile.Load(folder);
        Assert.Equal(("mixed-loss", 20), (plan.Method, plan.Timesteps));
        Assert.True(plan.Variants.Count > 1);
        Assert.InRange(plan.KeptRatio, 0.5, 0.7);
        using var file = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "joint_schedule.json")));
        Assert.InRange(file.RootElement.GetProperty("headroom").GetDouble(), 0, 1);
        Assert.Equal(4, file.RootElement.GetProperty("kept").GetArrayLength());
    }

    [Fact]
    public async Task A_budget_below_what_always_runs_is_refused_in_one_sentence()
    {
        var refusal = await Assert.ThrowsAsync<InvalidDataException>(() => ScheduleAsync("output-loss", 2, 0.01));

        Assert.Contains("0.01 cannot be reached", refusal.Message);
    }

    private async Task<string> ScheduleAsync(string method, int stages, double macs)
    {
        var scores = await _jobs.RunAsync(
            new ImportanceScorer(),
            new { method, stages, macs, samples = 4, batchSize = 4, probes = 2, steps = 5 });
        return await _jobs.With("scores", scores).RunAsync(Searcher(), new { method = "joint", macs });
    }

    private static ScheduleSearcher Searcher() =>
        new((_, _) => throw new InvalidOperationException(), new ComputeSlot());
}

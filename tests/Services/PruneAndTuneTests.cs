using Mlops.CoFinetuning;
using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.ImportanceScoring;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Plans;
using Mlops.SparseExport;
using Mlops.Tests.Pruning;
using static TorchSharp.torch;

namespace Mlops.Tests.Services;

/// <summary>The chains of jobs that the recipes describe, worker
/// after worker, on a network of a few thousand weights.</summary>
public sealed class PruneAndTuneTests : IDisposable
{
    private readonly PruningJobs _jobs = new();
    private readonly Denoiser _network = SomeNetwork.UNet32();

    public PruneAndTuneTests() => _jobs.WithModel(_network, SomeNetwork.Scheduler).WithImages();

    public void Dispose()
    {
        _network.Dispose();
        _jobs.Dispose();
    }

    [Theory]
    [InlineData("magnitude")]
    [InlineData("diff-pruning")]
    [InlineData("output-loss")]
    public async Task Scores_slice_a_student_that_is_tuned_and_exported_within_the_budget(string method)
    {
        await Do("scores", new ImportanceScorer(), new { method, samples = 2, batchSize = 2 });
        await Do("student", new SparseExporter(), new { macs = 0.75 });
        var tuned = await _jobs.RunAsync(new CoFinetuner(), new { mode = "distil", steps = 2, batchSize = 2 });
        var folder = await _jobs.Without("scores").With("tuned", tuned).RunAsync(new SparseExporter(), new { });

        using var pruned = PrunedModel.Load(folder);
        var dense = MacCounter.Count(_network);
        Assert.InRange(pruned.MeanMacs / dense.Macs, 0.2, 0.75);
        Assert.Equal(pruned.MeanMacs / dense.Macs, pruned.Plan?.KeptRatio ?? pruned.MeanMacs / dense.Macs, 5e-13);
        Assert.True(pruned.Parameters < dense.Parameters);
    }

    [Fact]
    public async Task Co_optimization_ends_in_a_routed_model_of_the_wanted_cost()
    {
        var tuned = await _jobs.RunAsync(
            new CoFinetuner(), new { mode = "alter", macs = 0.75, steps = 4, batchSize = 2 });

        var folder = await _jobs.With("tuned", tuned).RunAsync(new SparseExporter(), new { });

        using var pruned = PrunedModel.Load(folder);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (sample, timestep, _) = SomeNetwork.Question(_network);
        Assert.Equal(_network.Layers.Count, pruned.Inner.Layers.Count);
        Assert.InRange(pruned.MeanMacs / MacCounter.Count(_network).Macs, 0.3, 0.76);
        Assert.Equal(sample.shape, pruned.Model.Predict(sample, timestep).shape);
    }

    [Theory]
    [InlineData("alter", "slices channels, but training starts from layer skips only")]
    [InlineData("distil", "needs the input 'student'")]
    public async Task A_schedule_that_cannot_be_trained_from_is_refused(string mode, string complaint)
    {
        var schedule = _jobs.NewFolder();
        var few = new PlanVariant([], new Dictionary<string, IReadOnlyList<long>> { ["conv_in"] = [0, 1] });
        PlanFile.Save(PruningPlan.Constant("diff-es", 20, few, 0.5), schedule);

        var refusal = await Assert.ThrowsAsync<InvalidDataException>(
            () => _jobs.With("schedule", schedule).RunAsync(new CoFinetuner(), new { mode, steps = 2 }));

        Assert.Contains(complaint, refusal.Message);
    }

    private async Task Do(string role, IJobWorker worker, object settings) =>
        _jobs.With(role, await _jobs.RunAsync(worker, settings));
}

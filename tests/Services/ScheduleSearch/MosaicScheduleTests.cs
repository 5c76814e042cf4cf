using Mlops.Diffusion.Schedulers;
using Mlops.ImportanceScoring;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Plans;
using Mlops.ScheduleSearch;
using Mlops.Tests.Pruning;

namespace Mlops.Tests.Services.ScheduleSearch;

/// <summary>A schedule of MosaicDiff's three stages.</summary>
public sealed class MosaicScheduleTests : IDisposable
{
    private const string Linear = """
        {"_class_name": "DDPMScheduler", "beta_schedule": "linear", "prediction_type": "epsilon"}
        """;

    private readonly PruningJobs _jobs = new();
    private readonly ComputeSlot _compute = new();

    public MosaicScheduleTests()
    {
        using var network = SomeNetwork.UNet32();
        _jobs.WithModel(network, Linear).WithImages();
    }

    public void Dispose()
    {
        _compute.Dispose();
        _jobs.Dispose();
    }

    [Fact]
    public async Task Stages_keep_what_their_importance_asks_for_within_the_budget()
    {
        await ScoreAsync("mosaic");

        var folder = await ScheduleAsync();

        var plan = PlanFile.Load(folder);
        int[] stages = [plan.VariantAt(0), plan.VariantAt(300), plan.VariantAt(999)];
        Assert.Equal("mosaicdiff", plan.Method);
        Assert.InRange(plan.KeptRatio, 0.6, 0.8);
        Assert.Equal([81, 569 - 81, 1000 - 569], plan.Rows.Select(row => row.Length));
        Assert.True(plan.Variants[stages[1]].Skip.Count < plan.Variants[stages[2]].Skip.Count);
        Assert.True(File.Exists(Path.Combine(folder, "mosaic_schedule.json")));
    }

    [Fact]
    public async Task Scores_of_other_stages_are_refused()
    {
        await ScoreAsync("even");

        var refusal = await Assert.ThrowsAsync<InvalidDataException>(ScheduleAsync);

        Assert.Contains("score with stage-rule=mosaic", refusal.Message);
    }

    [Fact]
    public void A_model_that_routes_by_timestep_already_is_refused()
    {
        var network = SomeNetwork.UNet32();
        PlanVariant[] variants = [new([network.Layers[0].Name]), PlanVariant.Dense];
        using var given = new GivenShape(
            network, NoiseSchedulers.Parse(Linear),
            PruningPlan.FromTable("diff-es", [.. Enumerable.Range(0, 1000).Select(t => variants[t / 500])], 0.9));

        var refusal = Assert.Throws<InvalidDataException>(() => ScheduleSearcher.Check(
            new ScheduleSearchOptions { Method = "mosaic" }, given, scores: null, roles: []));

        Assert.Contains("the budget of mosaicdiff is one of", refusal.Message, StringComparison.Ordinal);
    }

    private async Task ScoreAsync(string stageRule) => _jobs.With("scores", await _jobs.RunAsync(
        new ImportanceScorer(), new { method = "output-loss", stageRule, samples = 4, batchSize = 4 }));

    private Task<string> ScheduleAsync() => _jobs.RunAsync(
        new ScheduleSearcher((_, _) => throw new InvalidOperationException("nothing is searched"), _compute),
        new { method = "mosaic", macs = 0.8 });
}

using Mlops.CoFinetuning;
using Mlops.Diffusion.Models;
using Mlops.Pruning.Plans;

namespace Mlops.Tests.Services.CoFinetuning;

/// <summary>ALTER from a schedule, which it must not leave for something worse.</summary>
public sealed class ScheduleStartTests(TrainingFixture fixture) : IClassFixture<TrainingFixture>
{
    [Fact]
    public void Alter_may_start_from_a_schedule()
    {
        var schedule = fixture.NewFolder();
        using (var model = ModelFolder.Load(fixture.ModelFolder))
        {
            var run = model.Layers.Select(layer => layer.Index % 3 != 0).ToArray();
            PlanFile.Save(PruningPlan.FromMasks(
                "diff-es", model.Layers, [.. Enumerable.Repeat(run, 1000)], 0.5), schedule);
        }

        using var roles = fixture.With(("schedule", fixture.Import(schedule, "schedule")));
        var kept = new List<string>();

        var folder = fixture.Train(
            TrainingFixture.Alter.Replace("0.7", "0.9", StringComparison.Ordinal),
            observe: progress => kept.Add(progress.Activity));

        Assert.DoesNotContain("kept 1.00", kept[0], StringComparison.Ordinal);
        // All masks are tried, and the nearest is frozen.
        var (frozen, outcome) = (LossCurves.Load(folder).Frozen!, LossCurves.Load(folder).Outcome!);
        var given = PlanFile.Load(schedule).Variants.Select(variant => variant.Skip);
        Assert.True(frozen.Learned > 0 && frozen.Start > 0 && outcome.Tuned > 0 && outcome.Start > 0);
        Assert.Equal(frozen is { FlipRate: > 0.05, Taken: not "start" }, frozen.Undecided);
        Assert.Equal(frozen.Start < Math.Min(frozen.Learned!.Value, frozen.Measured!.Value), frozen.Taken == "start");
        if (frozen.Taken == "start" || outcome.TakesStart)
            Assert.Equal(given, PlanFile.Load(folder).Variants.Select(variant => variant.Skip));
        else
            Assert.NotEqual(given, PlanFile.Load(folder).Variants.Select(variant => variant.Skip));
    }

    [Fact]
    public void Tuning_that_ruined_the_weights_gives_the_start_back()
    {
        var schedule = fixture.NewFolder();
        using (var model = ModelFolder.Load(fixture.ModelFolder))
            PlanFile.Save(PruningPlan.Constant("laptop", 1000, new PlanVariant([model.Layers[2].Name]), 0.9), schedule);
        using var roles = fixture.With(("schedule", fixture.Import(schedule, "schedule")));

        var folder = fixture.Train(TrainingFixture.Alter.Replace(
            "\"macs\": 0.7", "\"macs\": 0.99, \"learning-rate\": 0.5, \"ema-decay\": 0", StringComparison.Ordinal));

        var outcome = LossCurves.Load(folder).Outcome!;
        Assert.True(outcome.TakesStart, $"{outcome}");
        Assert.Equal(PlanFile.Load(schedule).Variants[0].Skip, PlanFile.Load(folder).Variants[0].Skip);
        var (before, after) = (fixture.Tensors(fixture.ModelFolder), fixture.Tensors(folder));
        Assert.All(after, tensor => Assert.Equal(before[tensor.Key], tensor.Value));
    }
}

using Mlops.CoFinetuning;
using Mlops.Contracts;
using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.Pruning.Plans;

namespace Mlops.Tests.Services.CoFinetuning;

public sealed class ProgressiveTests(TrainingFixture fixture) : IClassFixture<TrainingFixture>
{
    private const string Settings =
        """
        {"mode": "progressive", "macs": 0.6, "steps": 10, "phases": 4, "batch-size": 2, "score-images": 3,
         "zero-shot-images": 2, "checkpoint-every": 1000, "warm-up-steps": 2}
        """;

    [Fact]
    public void Layers_go_in_phases_until_the_plan_is_on_the_budget()
    {
        var folder = fixture.Once(Settings);

        using var model = ModelFolder.Load(fixture.ModelFolder);
        var (plan, phases) = (PlanFile.Load(folder), LossCurves.Load(folder).Phases);
        var (layers, total) = (MacCounter.LayerCosts(model), MacCounter.Count(model).Macs);
        Assert.Equal(("entpruner", true), (plan.Method, plan.IsConstant));
        Assert.Equal(PlanCosts.KeptRatio(plan, model.Layers, layers, total), plan.KeptRatio, 1e-9);
        Assert.InRange(plan.KeptRatio, 0.6 - (double)layers.Max() / total, 0.6);
        Assert.Equal([1, 3, 6, 8], phases.Select(phase => phase.Step));
        Assert.Equal(
            plan.Variants.Single().Skip,
            phases.SelectMany(phase => phase.Candidates[phase.Chosen].Drops).Order(StringComparer.Ordinal));
        Assert.Contains(phases.Skip(1), phase => phase.Candidates[phase.Chosen].Drops.Count > 0);
        Assert.Equal(plan.KeptRatio, phases[^1].Candidates[^1].KeptRatio, 1e-9);
    }

    [Fact]
    public void The_history_has_the_candidates_of_every_phase_with_scores_and_choice()
    {
        var phases = LossCurves.Load(fixture.Once(Settings)).Phases;

        using var model = ModelFolder.Load(fixture.ModelFolder);
        Assert.Equal(model.Layers.Select(layer => layer.Name), phases[0].Entropy.Keys);
        Assert.Equal([1, 0.8, 0.6], phases[0].Candidates.Select(candidate => Math.Round(candidate.Budget, 3)));
        foreach (var phase in phases.Where(phase => phase.Candidates.Count > 1))
        {
            var least = phase.Candidates.Min(candidate => candidate.RankSum);
            Assert.All(phase.Candidates, candidate => Assert.True(candidate.KeptRatio <= candidate.Budget + 1e-9));
            Assert.All(phase.Candidates, candidate => Assert.True(candidate.Ntk >= 1 && candidate.Zico > 0));
            Assert.Equal(least, phase.Candidates[phase.Chosen].RankSum);
            Assert.All(phase.Candidates.Skip(phase.Chosen + 1), smaller => Assert.True(smaller.RankSum > least));
        }
    }

    [Fact]
    public void The_last_phase_has_the_target_alone()
    {
        var phase = LossCurves.Load(fixture.Once(Settings.Replace("\"phases\": 4", "\"phases\": 1"))).Phases.Single();

        var candidate = Assert.Single(phase.Candidates);
        Assert.Equal((0.6, 0), (Math.Round(candidate.Budget, 3), phase.Chosen));
        Assert.Null(candidate.Ntk);
        Assert.NotEmpty(candidate.Drops);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(9)]
    public async Task A_job_that_was_killed_and_resumed_ends_in_the_same_bytes(int stop)
    {
        using var cancel = new CancellationTokenSource();

        var whole = fixture.Once(Settings);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fixture.TrainAsync(
            Settings, $"killed-{stop}", progress => StopAt(progress.Activity), 0, cancel.Token));
        var seen = new List<string>();
        var resumed = fixture.Train(Settings, $"killed-{stop}", progress => seen.Add(progress.Activity));

        Assert.StartsWith($"step {stop + 1} of 10", seen[0], StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(whole).Select(path => Path.GetFileName(path)))
            Assert.True(
                File.ReadAllBytes(Path.Combine(whole, file)).SequenceEqual(
                    File.ReadAllBytes(Path.Combine(resumed, file))), file);

        void StopAt(string activity)
        {
            if (activity.StartsWith($"step {stop} ", StringComparison.Ordinal))
                cancel.Cancel();
        }
    }

    [Fact]
    public void Distillation_is_an_option()
    {
        var plain = fixture.Once(Settings);
        var distilled = fixture.Train(Settings.Replace("\"mode\"", "\"output-weight\": 1, \"mode\""));

        Assert.NotEqual(TrainingFixture.Losses(plain), TrainingFixture.Losses(distilled));
        Assert.Equal("entpruner", PlanFile.Load(distilled).Method);
    }

    [Theory]
    [InlineData("\"macs\": 0.6", "\"macs\": 0.02", "macs = 0.02 cannot be reached: with every gateable layer skipped")]
    [InlineData("\"steps\": 10", "\"steps\": 3", "option 'phases' is 4, but there are 3 steps; every phase needs one")]
    public void What_cannot_be_pruned_in_phases_is_refused_before_the_first_step(
        string setting, string instead, string expected)
    {
        var steps = 0;

        var refusal = Record.Exception(() => fixture.Train(Settings.Replace(setting, instead), observe: _ => steps++));

        Assert.True(refusal is InvalidDataException or ArgumentException);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, steps);
    }

    [Fact]
    public void A_schedule_to_start_from_and_a_model_without_layers_are_refused()
    {
        var (schedule, bare) = (fixture.NewFolder(), fixture.NewFolder());
        using var model = ModelFolder.Load(fixture.ModelFolder);
        PlanFile.Save(
            PruningPlan.Constant("laptop", 1000, new PlanVariant([model.Layers[0].Name]), 0.9), schedule);
        PrunedModel.Save(
            bare, model,
            PruningPlan.Constant("laptop", 1000, new PlanVariant(model.Layers.Select(layer => layer.Name)), 0.1),
            ModelFolder.Scheduler(fixture.ModelFolder)!);

        var started = RefusalWith("schedule", fixture.Import(schedule, "schedule"));
        var empty = RefusalWith("model", fixture.Import(bare, "model"));

        Assert.Contains("starts from all layers, not from a schedule of 'laptop'", started);
        Assert.Contains("has no gateable layer", empty);
    }

    private string RefusalWith(string role, ObjectRef input)
    {
        var before = fixture.Inputs.GetValueOrDefault(role);
        fixture.Inputs[role] = input;
        try
        {
            return Assert.Throws<InvalidDataException>(() => fixture.Train(Settings)).Message;
        }
        finally
        {
            fixture.Inputs.Remove(role);
            if (before is not null)
                fixture.Inputs[role] = before;
        }
    }
}

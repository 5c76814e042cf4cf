using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Stages;
using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Importance;

/// <summary>One knapsack over stages and layers, and the losses that it is given.</summary>
public sealed class JointSelectionTests
{
    [Fact]
    public void One_stage_is_the_choice_of_layers_bit_for_bit()
    {
        var random = new Random(3);
        for (var round = 0; round < 50; round++)
        {
            double[] scores = [.. Enumerable.Range(0, 26).Select(_ => random.NextDouble())];
            long[] macs = [.. Enumerable.Range(0, 26).Select(_ => random.NextInt64(100_000, 9_000_000))];
            var (total, kept) = (macs.Sum() * 9 / 8, 0.4 + (0.5 * random.NextDouble()));

            var joint = JointSelection.Drop([scores], [macs], [total], StageBounds.Even(1), kept);

            Assert.Equal(LayerSelection.Drop(scores, macs, total, kept), Assert.Single(joint));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void Rounding_takes_no_more_of_the_budget_where_there_are_more_stages(int stages)
    {
        var random = new Random(stages);
        long[] macs = [.. Enumerable.Range(0, 26).Select(_ => random.NextInt64(100_000, 9_000_000))];
        var total = macs.Sum() * 9 / 8;
        double[][] scores = [.. Enumerable.Range(0, stages).Select(_ =>
            macs.Select(_ => random.NextDouble()).ToArray())];

        var drop = JointSelection.Drop(
            scores, [.. scores.Select(_ => macs)], [.. scores.Select(_ => total)], StageBounds.Even(stages), 0.65);

        var kept = 1 - (drop.Sum(layers => layers.Sum(layer => macs[layer])) / (double)total / stages);
        Assert.InRange(kept, 0.65 - 0.0015, 0.65);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(200)]   // the noisy stage lasts four times as long
    public void The_best_of_all_choices_is_found(int divider)
    {
        var (stages, random) = (StageBounds.At([divider]), new Random(divider));
        double[][] scores = [.. Enumerable.Range(0, 2).Select(_ =>
            Enumerable.Range(0, 6).Select(_ => random.NextDouble()).ToArray())];
        long[] macs = [.. Enumerable.Range(0, 6).Select(_ => random.NextInt64(1, 40))];
        var total = macs.Sum() + 20;

        var drop = JointSelection.Drop(
            scores, [.. scores.Select(_ => macs)], [.. scores.Select(_ => (long)total)], stages, 0.6);

        var best = (
            from clean in Enumerable.Range(0, 1 << 6)
            from noisy in Enumerable.Range(0, 1 << 6)
            where (Freed(clean) * stages.Share(0)) + (Freed(noisy) * stages.Share(1)) >= 0.4 * total - 1e-9
            select Loss(0, clean) + Loss(1, noisy)).Min();
        Assert.InRange(JointSelection.Loss(scores, drop), best - 1e-12, best + 1e-12);
        Assert.True(best <= JointSelection.StaticLoss(scores, macs, total, 0.6) + 1e-12);

        double Freed(int set) => Members(set).Sum(layer => macs[layer]);
        double Loss(int stage, int set) => Members(set).Sum(layer => scores[stage][layer]);
        IEnumerable<int> Members(int set) => Enumerable.Range(0, 6).Where(layer => (set >> layer & 1) == 1);
    }

    [Fact]
    public void Mixed_losses_are_in_units_of_the_best_static_mask()
    {
        long[] macs = [10, 20, 30];
        var output = Scores([1, 2, 3], [4, 5, 6]);
        var trajectory = Scores([600, 500, 400], [300, 200, 100]);

        var mixed = MixedLoss.Of(output, trajectory, macs, 100, 0.7);

        // Layer 2 alone frees three tenths: 3 + 6 of the one, 400 + 100 of the other; 0 and 1 would lose 12 and 1600.
        double[] expected = [(1 / 9.0) + (600 / 500.0), (4 / 9.0) + (300 / 500.0)];
        Assert.Equal(MixedLoss.Method, mixed.Method);
        Assert.Equal(expected[0], mixed.Structures[0].PerStage[0][0], 1e-12);
        Assert.Equal(expected[1], mixed.Structures[0].PerStage[1][0], 1e-12);
        Assert.Equal(
            2, JointSelection.StaticLoss(mixed.PerStageAndLayer(), macs, 100, 0.7), 1e-12);
        Assert.Throws<InvalidDataException>(() => MixedLoss.Of(output, Scores([1, 2, 3]), macs, 100, 0.7));
    }

    [Fact]
    public void Trajectory_loss_is_what_sampling_without_the_layer_in_that_stage_gives()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = SomeNetwork.UNet();
        NoiseScheduler Ddim() => NoiseSchedulers.Convert(NoiseSchedulers.Parse(SomeNetwork.Scheduler), "DDIMScheduler");
        var problem = new StepProblem("ddim", Ddim, Guidance.Plain(model), 1, 6, StepOptions.Default, Seed: 1);
        var probes = new Probes(EqualNoise.Start(1, 0, 3, 3, 16, 16), null);
        var stages = StageBounds.Even(2, 20);
        using var losses = new TrajectoryLoss(model, problem, probes, stages, CancellationToken.None);
        var dense = problem.Sample(null, probes, CancellationToken.None);

        foreach (var (stage, layer) in ((int, int)[])[(1, 0), (1, 3), (0, 3), (1, 1)])
        {
            bool[] run = [.. Enumerable.Range(0, model.Layers.Count).Select(each => each != layer)];
            Prediction without = (x, t, labels) => model.Predict(
                x, t, labels, stages.StageOf(t.item<long>()) == stage ? new() { Run = run } : null);
            var samples = (problem with { Network = without }).Sample(null, probes, CancellationToken.None);
            var expected = (samples - dense).square().mean().item<float>();

            Assert.True(expected > 1e-6);
            Assert.Equal(expected, losses.Of(stage, layer, CancellationToken.None), expected * 1e-4);
        }
    }

    [Fact]
    public void Stages_without_a_step_of_the_sampler_are_refused()
    {
        using var model = SomeNetwork.UNet();
        var problem = new StepProblem(
            "ddim", () => NoiseSchedulers.Convert(NoiseSchedulers.Parse(SomeNetwork.Scheduler), "DDIMScheduler"),
            Guidance.Plain(model), 1, 3, StepOptions.Default, Seed: 1);
        var probes = new Probes(EqualNoise.Start(1, 0, 1, 3, 16, 16), null);

        var refusal = Assert.Throws<InvalidDataException>(() => new TrajectoryLoss(
            model, problem, probes, StageBounds.Even(5, 20), CancellationToken.None));

        Assert.Contains("3 sampler steps reach 3 of 5 stages", refusal.Message);
    }

    private static ImportanceScores Scores(params double[][] perStage) => new(
        "some", ScoreTarget.Layers, StageBounds.Even(perStage.Length, 10),
        [.. Enumerable.Range(0, 3).Select(layer => new StructureScores(
            $"layer-{layer}", [.. perStage.Select(stage => new[] { stage[layer] })]))]);
}

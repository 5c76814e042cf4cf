using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Obs;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Search;
using Mlops.Pruning.Stages;
using Mlops.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Search;

/// <summary>Second-order levels of a DiT per stage: the layers behind what goes make up for it.</summary>
public sealed class CompensatedLevelsTests : IDisposable
{
    private const int Stages = 4;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _noGrad = no_grad();
    private readonly TemporaryFolder _folder = new();
    private readonly Denoiser _network = SomeNetwork.DiT();

    public void Dispose()
    {
        _network.Dispose();
        _noGrad.Dispose();
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Every_level_computes_what_the_whole_network_with_compensated_weights_and_zeros_does()
    {
        var levels = Levels();
        var (sample, _, labels) = SomeNetwork.Question(_network);
        for (var level = 0; level <= levels.MaxLevel; level++)
        {
            var plan = levels.ToPlan([level, 0, level, 0]);
            var packs = CompensatedLevels.Of(levels, _network, _folder.Path)!;
            using var model = PrunedModel.Of(ModelFamily.Clone(_network), plan, SomeNetwork.Scheduler, packs);
            foreach (var t in (long[])[1, 12])
            {
                var variant = plan.Variants[plan.VariantAt(t)];
                using var expected = Compensated(variant, stage: (int)t / 5);
                using var cut = SlicedVariant.Copy(_network, variant, packs);

                var answer = model.Model.Predict(sample, tensor([t]), labels);

                Assert.InRange(
                    SomeNetwork.Distance(expected.Predict(sample, tensor([t]), labels), answer), 0, 1e-5);
                Assert.InRange(SomeNetwork.Distance(
                    (cut ?? _network).Predict(sample, tensor([t]), labels), answer), 0, 1e-5);
                Assert.Equal(MacCounter.Count(cut ?? _network).Macs, SlicedVariant.Macs(_network, variant));
            }

            Assert.Equal(
                _network.Predict(sample, tensor([7L]), labels).bytes.ToArray(),
                model.Model.Predict(sample, tensor([7L]), labels).bytes.ToArray());
        }
    }

    [Fact]
    public void Compensation_is_nearer_to_the_dense_layers_than_the_same_cut_without()
    {
        var levels = Levels();
        var plan = levels.ToPlan([.. Enumerable.Repeat(levels.MaxLevel / 2, Stages)]);
        using var packs = CompensatedLevels.Of(levels, _network, _folder.Path)!;
        var weights = _network.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        for (var stage = 0; stage < Stages; stage++)
        {
            var variant = plan.Variants[plan.VariantAt(stage * 5)];
            var (pack, hessians) = (packs.Read(variant.Pack!), ScoresFolder.Hessians(_folder.Path, stage));
            foreach (var group in ChannelGroups.Of(_network))
            {
                var consumer = InputMoments.Consumer(group);
                var (name, kept) = ($"{consumer}.weight", tensor(variant.Keep[group.Root].ToArray()));
                var dense = weights[name].to(float64);
                var (with, without) = (
                    Error(pack[name].to(float64)), Error(dense.index_select(1, kept)));
                Assert.True(with < 0.999 * without, $"stage {stage} {name}: {with} against {without}");

                double Error(Tensor columns)
                {
                    var lost = zeros_like(dense).index_copy_(1, kept, columns) - dense;
                    return lost.mm(hessians[consumer]).mm(lost.t()).trace().item<double>();
                }
            }
        }
    }

    [Fact]
    public void Stages_share_all_other_weights_and_one_of_their_packs_is_held_at_a_time()
    {
        var levels = Levels();
        var plan = levels.ToPlan([2, 3, 2, 3]);
        using var model = Exported(levels, plan);
        var (sample, timestep, labels) = SomeNetwork.Question(_network);
        model.Model.Predict(sample, timestep, labels);

        var held = ((RoutedDenoiser)model.Model).NetworkOf(0);

        // What the packs replace is not held beside them.
        Assert.InRange(Parameters(held) / (double)Parameters(_network), 0.5, 1);
        Assert.Equal(
            Parameters(held) - plan.Variants[0].Keep.Count * 24 - Parameters(model.Inner),
            plan.Variants[0].Keep.Values.Sum(kept => kept.Count * 24L));
    }

    /// <summary>Ten packs are in the file and one is in memory, whichever stage is asked.</summary>
    [Fact]
    public void Ten_stages_hold_no_more_than_one_and_a_seventh_of_the_dense_model()
    {
        var levels = Levels(10);
        var plan = levels.ToPlan([1, 2, 3, 1, 2, 3, 1, 2, 3, 1]);
        using var model = Exported(levels, plan);
        var (sample, _, labels) = SomeNetwork.Question(_network);

        for (var t = 19; t >= 0; t--)
        {
            model.Model.Predict(sample, tensor([(long)t]), labels);
            // The weights that all stages share, and this one's pack.
            var held = Parameters(((RoutedDenoiser)model.Model).NetworkOf(plan.VariantAt(t)));
            Assert.InRange(held / (double)Parameters(_network), 0.5, 1.15);
        }

        Assert.Equal(10, plan.Packs.Count);
    }

    private PrunedModel Exported(StageLevels levels, PruningPlan plan)
    {
        using var packs = CompensatedLevels.Of(levels, _network, _folder.Path)!;
        packs.Save(_folder.Path, plan.Packs);
        PrunedFolder.Save(_folder.Path, _network, plan, SomeNetwork.Scheduler, packs);
        File.WriteAllText(_folder.File("scheduler_config.json"), SomeNetwork.Scheduler);
        return PrunedModel.Load(_folder.Path);
    }

    private static long Parameters(nn.Module module) => module.Present().Sum(weight => weight.Value.numel());

    /// <summary>A stage of level 0, or one that loses only neurons, is no reason to hold dense layers beside a pack.
    /// </summary>
    [Theory]
    [InlineData(0, 1, 0, 3)]
    [InlineData(1, 0, 0, 0)]
    public void A_plan_with_whole_stages_holds_no_more_than_one_model_and_they_stay_as_they_are(params int[] chosen)
    {
        var levels = Levels();
        var plan = levels.ToPlan(chosen);
        using var packs = CompensatedLevels.Of(levels, _network, _folder.Path)!;
        packs.Save(_folder.Path, plan.Packs);
        PrunedFolder.Save(_folder.Path, _network, plan, SomeNetwork.Scheduler, WeightPacks.In(_folder.Path));
        File.WriteAllText(_folder.File("scheduler_config.json"), SomeNetwork.Scheduler);
        using var model = PrunedModel.Load(_folder.Path);
        var (sample, _, labels) = SomeNetwork.Question(_network);

        for (var stage = 0; stage < Stages; stage++)
        {
            var time = tensor([(long)(5 * stage) + 2]);
            var (expected, answer) = (
                _network.Predict(sample, time, labels), model.Model.Predict(sample, time, labels));
            var held = ((RoutedDenoiser)model.Model).NetworkOf(plan.VariantAt((5 * stage) + 2));
            Assert.InRange(Parameters(held), 1, Parameters(_network));
            Assert.Equal(chosen[stage] == 0, expected.bytes.SequenceEqual(answer.bytes));
        }

        // What packs replace, they replace in all stages.
        Assert.All(ChannelGroups.Of(_network).Select(InputMoments.Consumer), consumer => Assert.DoesNotContain(
            model.Inner.Present(), weight => weight.Name == $"{consumer}.weight"));
    }

    /// <summary>The dense network in which a variant's consumers have least-squares weights, and zeros elsewhere.
    /// </summary>
    private Denoiser Compensated(PlanVariant variant, int stage)
    {
        var copy = ModelFamily.Clone(_network);
        var weights = copy.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        var hessians = ScoresFolder.Hessians(_folder.Path, stage);
        foreach (var group in ChannelGroups.Of(_network))
            if (variant.Keep.TryGetValue(group.Root, out var kept))
            {
                var consumer = InputMoments.Consumer(group);
                var (weight, hessian) = (weights[$"{consumer}.weight"], hessians[consumer]);
                using var layer = new ObsLayer(weight, hessian);
                var left = Enumerable.Range(0, group.Width / group.UnitSize).ToList();
                foreach (var gone in Enumerable.Range(0, left.Count)
                    .Where(unit => !kept.Contains(unit * group.UnitSize)).Reverse())
                    layer.Remove(gone, group.UnitSize);
                weight.zero_().index_copy_(1, tensor(kept.ToArray()), layer.Weight.to(float32));
            }

        return copy;
    }

    private StageLevels Levels(int count = Stages)
    {
        var (sample, _, labels) = SomeNetwork.Question(_network);
        var stages = StageBounds.Even(count, 20);
        var hessians = Enumerable.Range(0, count).Select(stage =>
        {
            using var moments = new InputMoments(_network, diagonal: false);
            foreach (var t in Enumerable.Range(stages.First(stage), stages.Length(stage)))
            {
                moments.Weigh(1, samples: 3);
                _network.Predict(sample, tensor([(long)t]), labels);
            }

            return moments.Result().ToDictionary(
                entry => entry.Key, entry => ObsLayer.Damped(entry.Value, 0.01, entry.Key));
        }).ToArray();
        using var network = NetworkSlicer.Of(_network);
        var scores = new ImportanceScores(
            ObsPruning.Method, ScoreTarget.Channels, stages,
            [.. network.Groups.Select(group => new StructureScores(group.Root, [.. hessians.Select(
                ofStage => ObsPruning.Score(ofStage)(group, network).ToArray())]))]);
        ScoresFolder.Save(scores, _folder.Path, null, hessians);
        return WidthLevels.Of(scores, _network, perHead: false, 0.08);
    }
}

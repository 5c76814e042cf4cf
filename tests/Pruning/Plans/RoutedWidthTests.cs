using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Search;
using Mlops.Pruning.Stages;
using Mlops.Pruning.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Plans;

/// <summary>Sub-networks of a DiT that differ in heads and neurons, on one set of weights.</summary>
public sealed class RoutedWidthTests : IDisposable
{
    private const int Stages = 10;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _noGrad = no_grad();

    public static TheoryData<string> Activations => ["gelu-approximate", "geglu"];

    public void Dispose()
    {
        _noGrad.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [MemberData(nameof(Activations))]
    public void Every_level_of_every_stage_computes_what_masks_and_a_cut_copy_do(string activation)
    {
        using var network = Network(activation);
        var levels = Levels(network);
        var (sample, _, labels) = SomeNetwork.Question(network);

        for (var level = 0; level <= levels.MaxLevel; level++)
        {
            var plan = levels.ToPlan([.. Enumerable.Range(0, Stages).Select(stage => stage % 2 == 0 ? level : 0)]);
            using var copy = ModelFamily.Clone(network);
            using var routed = new RoutedDenoiser(copy, plan);
            var (narrow, whole) = (tensor([1L]), tensor([3L]));
            var variant = plan.Variants[plan.VariantAt(1)];

            var answer = routed.Predict(sample, narrow, labels);

            Assert.Equal(
                network.Predict(sample, whole, labels).bytes.ToArray(),
                routed.Predict(sample, whole, labels).bytes.ToArray());
            using var masked = Masked(network, variant);
            Assert.InRange(SomeNetwork.Distance(masked.Predict(sample, narrow, labels), answer), 0, 1e-5);
            using var cut = SlicedVariant.Copy(network, variant);
            Assert.InRange(
                SomeNetwork.Distance((cut ?? network).Predict(sample, narrow, labels), answer), 0, 1e-5);
            Assert.Equal(MacCounter.Count(cut ?? network).Macs, SlicedVariant.Macs(network, variant));
            Assert.Equal(SomeNetwork.Distance(network.Predict(sample, narrow, labels), answer) > 1e-4, level > 0);
        }
    }

    [Fact]
    public void Ten_stages_take_no_more_memory_than_one_model_and_their_lists_of_channels()
    {
        using var network = SomeNetwork.Of(ModelConfig.Parse(SomeNetwork.DiTConfig).With("attention_head_dim", 32));
        var dense = Bytes(network);
        var levels = Levels(network);
        var plan = levels.ToPlan([.. Enumerable.Range(0, Stages).Select(stage => 1 + (stage % levels.MaxLevel))]);
        using var routed = new RoutedDenoiser(network, plan);
        var (sample, _, labels) = SomeNetwork.Question(network);

        var (whole, narrow) = (LeftBehind(network), LeftBehind(routed));

        Assert.Equal(Stages, plan.Variants.Count);
        Assert.InRange(narrow, 0, whole);
        var lists = plan.Variants.Sum(variant => variant.Keep.Values.Sum(channels => channels.Count * sizeof(long)));
        Assert.InRange((Bytes(routed) + lists) / dense, 1, 1.15);

        // Tensors that a trajectory leaves to the garbage collector.
        long LeftBehind(Denoiser model)
        {
            var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            for (var t = 19L; t >= 0; t--)
                model.Predict(sample, tensor([t]), labels).Dispose();
            return DisposeScopeManager.Statistics.ThreadTotalLiveCount - before;
        }
    }

    [Fact]
    public void Batches_steps_and_costs_follow_the_variant()
    {
        using var network = SomeNetwork.DiT();
        var plan = Levels(network).ToPlan([.. Enumerable.Range(0, Stages)]);
        using var routed = new RoutedDenoiser(network, plan);
        var (sample, timestep, labels) = SomeNetwork.Question(network);

        var answer = routed.Predict(sample, timestep, labels);

        for (var i = 0; i < 3; i++)
        {
            var (x, label, variant) = (
                sample.narrow(0, i, 1), labels!.narrow(0, i, 1), plan.VariantAt(timestep[i].item<long>()));
            using var cut = SlicedVariant.Copy(network, plan.Variants[variant]);
            var expected = (cut ?? network).Predict(x, timestep.narrow(0, i, 1), label);
            Assert.InRange(SomeNetwork.Distance(expected, answer.narrow(0, i, 1)), 0, 1e-5);
            Assert.InRange(
                SomeNetwork.Distance(expected, routed.Only(variant)(x, timestep.narrow(0, i, 1), label)), 0, 1e-5);
        }

        Assert.Equal(plan.KeptRatio, PlanCosts.MeanMacs(plan, network) / MacCounter.Count(network).Macs, 1e-9);
        Assert.Equal(
            PlanCosts.MeanMacs(plan, network),
            StepCosts.Routed(plan, network, Enumerable.Range(0, 20).Select(t => (long)t)).Macs / 20, 1e-3);
    }

    [Theory]
    [InlineData("transformer_blocks.0.attn1.to_v", 3)]
    [InlineData("transformer_blocks.0.attn1.to_q", 6)]
    [InlineData("transformer_blocks.0.ff.net.0.proj", 1000)]
    public void A_part_of_a_head_and_what_the_model_does_not_have_are_refused(string root, int channels)
    {
        using var network = SomeNetwork.DiT();
        var odd = new PlanVariant([], new Dictionary<string, IReadOnlyList<long>>
        {
            [root] = [.. Enumerable.Range(0, channels).Select(channel => (long)channel)],
        });

        var refusal = Assert.Throws<InvalidDataException>(
            () => new RoutedDenoiser(network, PruningPlan.FromTable("x", [odd, PlanVariant.Dense], 0.9)));

        Assert.Contains($"keeps channels of '{root}' that are not whole heads or neurons of this", refusal.Message);
    }

    [Fact]
    public void A_UNet_is_refused_by_the_levels_and_by_a_plan()
    {
        using var unet = SomeNetwork.UNet();
        var keep = new PlanVariant([], new Dictionary<string, IReadOnlyList<long>> { ["conv_in"] = [0, 1, 2, 3] });

        Assert.Contains("other channels at other timesteps, which a DiT can", Assert.Throws<InvalidDataException>(
            () => new RoutedDenoiser(unet, PruningPlan.FromTable("x", [keep, PlanVariant.Dense], 0.9))).Message);
        Assert.Contains("heads and neurons are searched per stage in a DiT", Assert.Throws<InvalidDataException>(
            () => WidthLevels.Of(Scores([]), unet, perHead: true)).Message);
    }

    [Fact]
    public void A_published_level_is_a_head_and_its_share_of_neurons_and_a_quantum_is_exact_in_macs()
    {
        using var network = SomeNetwork.DiT();
        var scores = Scores(ChannelGroups.Of(network));
        var (published, fine) = (
            WidthLevels.Of(scores, network, perHead: true), WidthLevels.Of(scores, network, perHead: false, 0.05));
        var total = MacCounter.Count(network).Macs;
        // One neuron of three blocks meets 24 channels of 16 tokens twice.
        var neuron = 2 * 24 * 16 * 3 / (double)total;

        Assert.Equal([[0, 0], [1, 24], [2, 48], [3, 72]], published.Skips[0]);
        for (var level = 0; level <= fine.MaxLevel; level++)
        {
            Assert.InRange(fine.Kept[0][level], 1 - (0.05 * level) - neuron - 1e-9, 1 - (0.05 * level) + 1e-9);
            Assert.Equal(
                SlicedVariant.Macs(network, fine.Width!.Variant(fine.Layers, 2, fine.Skips[2][level])) / (double)total,
                fine.Kept[2][level], 1e-9);
        }

        // The least score of stage 1 belongs to head 3, of stage 0 to head 0.
        Assert.Equal([6, 7], published.ToPlan(AtStage(0)).Variants[0].Keep["transformer_blocks.0.attn1.to_v"].Take(2));
        Assert.Equal([0, 1], published.ToPlan(AtStage(1)).Variants[1].Keep["transformer_blocks.0.attn1.to_v"].Take(2));
    }

    [Fact]
    public void Levels_beyond_the_heads_budgets_below_what_stays_and_foreign_scores_are_refused()
    {
        using var network = SomeNetwork.DiT();
        var levels = Levels(network);
        var least = levels.Kept[0][^1];

        Assert.Contains("needs 10 levels in [0, ", Refusal(() => levels.ToPlan([.. Enumerable.Repeat(100, Stages)])));
        Assert.Contains("is out of reach: with all gone that may go", Refusal(() => SearchSpace.OfQuanta(
            levels.MaxLevel, [.. Enumerable.Repeat(2, Stages)], levels.Quantum!.Value, least - 0.01)));
        Assert.Contains("not of this model's channels",
            Refusal(() => WidthLevels.Of(Scores([.. ChannelGroups.Of(network).Skip(2)]), network, perHead: false)));

        static string Refusal(Action action) => Assert.Throws<InvalidDataException>(action).Message;
    }

    private static int[] AtStage(int stage) => [.. Enumerable.Range(0, Stages).Select(each => each == stage ? 1 : 0)];

    private static Denoiser Network(string activation) =>
        SomeNetwork.Of(ModelConfig.Parse(SomeNetwork.DiTConfig).With("activation_fn", activation));

    private static StageLevels Levels(Denoiser network) =>
        WidthLevels.Of(Scores(ChannelGroups.Of(network)), network, perHead: false, 0.08);

    /// <summary>Scores that rise with the channel in even stages and fall in odd ones, 20 timesteps.</summary>
    private static ImportanceScores Scores(IReadOnlyList<ChannelGroup> groups) => new(
        "wanda", ScoreTarget.Channels, StageBounds.Even(Stages, 20),
        [.. groups.Select(group => new StructureScores(group.Root, [.. Enumerable.Range(0, Stages).Select(
            stage => Enumerable.Range(0, group.Width).Select(channel => stage % 2 == 0 ? channel : -(double)channel)
                .ToArray())]))]);

    private static double Bytes(nn.Module model) =>
        model.Present().DistinctBy(weight => weight.Value.Handle).Sum(weight => weight.Value.bytes.Length);

    /// <summary>The whole network with zeros in the consumers' columns of what a variant leaves out.</summary>
    private static Denoiser Masked(Denoiser network, PlanVariant variant)
    {
        var masked = ModelFamily.Clone(network);
        var weights = masked.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        foreach (var group in ChannelGroups.Of(network))
            if (variant.Keep.TryGetValue(group.Root, out var kept))
                foreach (var gone in Enumerable.Range(0, group.Width).Where(channel => !kept.Contains(channel)))
                    weights[$"{InputMoments.Consumer(group)}.weight"].narrow(1, gone, 1).zero_();
        return masked;
    }
}

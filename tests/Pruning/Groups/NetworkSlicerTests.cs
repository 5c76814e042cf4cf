using System.Text.Json.Nodes;
using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using Mlops.Tests.Diffusion.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Groups;

public sealed class NetworkSlicerTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _noGrad = no_grad();

    public void Dispose()
    {
        _noGrad.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Sliced_heads_and_hidden_neurons_equal_zeroed_ones()
    {
        using var network = SomeNetwork.DiT();
        var (sample, timestep, labels) = SomeNetwork.Question(network);
        using var slicer = NetworkSlicer.Of(network);
        Assert.Equal(6, slicer.Groups[0].UnitSize);
        long[] head = [6, 7, 8, 9, 10, 11];
        slicer.Remove(0, head);
        slicer.Remove(1, [3, 17]);
        using var sliced = ModelFamily.Clone(network);
        slicer.ApplyTo(sliced);

        var weights = network.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        foreach (var channel in head)
            weights["transformer_blocks.0.attn1.to_out.0.weight"].narrow(1, channel, 1).zero_();
        foreach (var neuron in new[] { 3L, 17L })
            weights["transformer_blocks.0.ff.net.2.weight"].narrow(1, neuron, 1).zero_();

        var (masked, answer) = (network.Predict(sample, timestep, labels), sliced.Predict(sample, timestep, labels));
        Assert.InRange(SomeNetwork.Distance(masked, answer), 0, 1e-5);
        Assert.Equal([18L, 24L], sliced.named_parameters()
            .Single(entry => entry.name == "transformer_blocks.0.attn1.to_v.weight").parameter.shape);
    }

    [Fact]
    public void A_plan_cuts_a_second_network_to_the_same_weights()
    {
        using var network = SomeNetwork.UNet();
        using var cut = NetworkSlicer.Of(network);
        SequentialPruning.Run(cut, 0.4, MagnitudeScore.Of);

        using var again = NetworkSlicer.Of(network);
        again.Keep(cut.Kept);

        Assert.Equal(cut.Weights.Keys, again.Weights.Keys);
        Assert.All(cut.Weights, entry =>
        {
            Assert.Equal(entry.Value.shape, again.Weights[entry.Key].shape);
            Assert.Equal(0, (entry.Value - again.Weights[entry.Key]).abs().max().item<float>());
        });
    }

    [Fact]
    public void A_plan_for_another_network_is_refused_by_the_group_it_names()
    {
        using var network = SomeNetwork.UNet();
        using var slicer = NetworkSlicer.Of(network);

        var refusal = Assert.Throws<InvalidDataException>(
            () => slicer.Keep(new Dictionary<string, IReadOnlyList<long>> { ["stranger"] = [0L] }));

        Assert.Contains("stranger", refusal.Message);
    }

    [Theory]
    [InlineData(0.9)]
    [InlineData(0.65)]
    [InlineData(0.4)]
    public void The_budget_is_met_by_the_smallest_ratio(double macs)
    {
        using var network = SomeNetwork.UNet();
        var dense = MacCounter.Count(network).Macs;

        var ratio = WidthBudget.RatioFor(network, macs);

        Assert.InRange(WidthBudget.MacsAt(network, ratio), 1, dense * macs);
        Assert.True(WidthBudget.MacsAt(network, ratio - 2e-6) > dense * macs);
    }

    [Fact]
    public void A_budget_below_one_channel_per_norm_group_is_refused_with_what_is_possible()
    {
        using var network = SomeNetwork.UNet();

        var refusal = Assert.Throws<InvalidDataException>(() => WidthBudget.RatioFor(network, 0.02));

        Assert.Contains("cannot be reached", refusal.Message);
    }

    [Theory]
    [InlineData("""[32, 32, 64]""", """["SkipDownBlock2D", "AttnSkipDownBlock2D", "SkipDownBlock2D"]""")]
    [InlineData("""[16, 48, 32]""", """["SkipDownBlock2D", "SkipDownBlock2D", "SkipDownBlock2D"]""")]
    public void Skip_blocks_keep_widths_that_their_norms_divide(string widths, string down)
    {
        var up = down.Replace("Down", "Up", StringComparison.Ordinal);
        using var network = SomeNetwork.Of(SomeModels.SkipUNet.With("block_out_channels", JsonNode.Parse(widths))
            .With("down_block_types", JsonNode.Parse(down)).With("up_block_types", JsonNode.Parse(up)));
        var (sample, timestep, labels) = SomeNetwork.Question(network);
        foreach (var ratio in new[] { 0.5, 0.8 })
        {
            using var slicer = NetworkSlicer.Of(network);
            SequentialPruning.Run(slicer, ratio, MagnitudeScore.Of);
            using var sliced = ModelFamily.Clone(network);
            slicer.ApplyTo(sliced);

            var answer = sliced.Predict(sample, timestep, labels);

            Assert.True(answer.isfinite().all().item<bool>());
            Assert.True(MacCounter.Count(sliced).Macs < 0.95 * MacCounter.Count(network).Macs, $"{ratio}");
            // The image is no channel of the features.
            Assert.DoesNotContain(slicer.Kept.Keys, root => root.Contains("up_blocks") && root.EndsWith("skip_conv"));
        }
    }

    /// <summary>Counts that the published script prints for the CIFAR-10 UNet, and for narrower ones.</summary>
    [Theory]
    [InlineData(128, 35_746_307, 19_851_157)]
    [InlineData(64, 8_952_067, 5_251_928)]
    [InlineData(32, 2_245_763, 2_104_942)]
    public void Thirty_percent_of_the_cifar_network_leave_the_published_parameters(int width, long dense, long pruned)
    {
        using var network = ModelFamily.Create(ModelConfig.Parse($$"""
            {"_class_name": "UNet2DModel", "sample_size": 32, "in_channels": 3, "out_channels": 3, "freq_shift": 1,
             "flip_sin_to_cos": false, "layers_per_block": 2, "downsample_padding": 0, "act_fn": "silu",
             "attention_head_dim": null, "norm_num_groups": 32, "norm_eps": 1e-6,
             "block_out_channels": [{{width}}, {{2 * width}}, {{2 * width}}, {{2 * width}}],
             "down_block_types": ["DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"],
             "up_block_types": ["UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"]}
            """), 0);
        using var slicer = NetworkSlicer.Of(network);
        var producers = slicer.Groups.Select(group => group.Members.Count(member =>
            member.Kind is MemberKind.ConvOut or MemberKind.LinearOut)).CountBy(count => count).ToDictionary();
        Assert.Equal(50, slicer.Groups.Count);
        Assert.Equal((31, 11, 6, 1, 1), (producers[2], producers[3], producers[1], producers[5], producers[6]));
        Assert.Equal(dense, slicer.Weights.Values.Sum(weight => weight.numel()));

        SequentialPruning.Run(slicer, 0.3, (group, _) => new double[group.Width]);

        Assert.Equal(pruned, slicer.Weights.Values.Sum(weight => weight.numel()));
    }
}

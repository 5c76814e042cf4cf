using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Stages;
using Mlops.Tests.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Importance;

public sealed class EntropyDeviationTests
{
    private static readonly NoiseScheduler Noise = NoiseSchedulers.Parse(SomeNetwork.Scheduler);

    [Fact]
    public void A_layer_that_multiplies_the_output_deviates_by_the_logarithm_of_its_factor_up_or_down()
    {
        using var scope = NewDisposeScope();
        using var network = new Factors(1, 3, 0.2);
        var sums = new double[2][] { new double[3], new double[3] };

        new EntropyDeviation(network).Accumulate(Batch(network), Noise, StageBounds.Even(2, 20), 5, sums, default);

        Assert.All(sums, stage =>
        {
            Assert.Equal(0, EntropyDeviation.Of(stage[0], 4));
            Assert.Equal(Math.Log(3), EntropyDeviation.Of(stage[1], 4), 1e-6);
            Assert.Equal(Math.Log(5), EntropyDeviation.Of(stage[2], 4), 1e-6);
        });
    }

    [Fact]
    public void A_transformer_block_that_does_nothing_has_no_deviation_and_the_others_have()
    {
        using var scope = NewDisposeScope();
        using var network = SomeModels.Awake(SomeModels.DiT);
        Silence(network, block: 1);
        var sums = new double[1][] { new double[3] };

        new EntropyDeviation(network).Accumulate(Batch(network), Noise, StageBounds.Even(1, 20), 5, sums, default);

        Assert.Equal([false, true, false], sums[0].Select(sum => sum == 0));
    }

    [Fact]
    public void Layers_that_are_gone_are_neither_run_nor_scored()
    {
        using var scope = NewDisposeScope();
        using var network = new Factors(0, 3, 0.2);
        var asked = Batch(network).At(Noise, [1, 2, 3, 4]);
        var sums = new double[3];

        new EntropyDeviation(network).Accumulate(asked, [false, true, true], sums, default);

        Assert.Equal(0, sums[0]);
        Assert.Equal(-4 * Math.Log(3), sums[1], 1e-5);
    }

    [Fact]
    public void A_network_that_predicts_zeros_has_no_deviation_instead_of_no_number()
    {
        using var scope = NewDisposeScope();
        using var network = ModelFamily.Create(SomeModels.DiT, 1);
        var sums = new double[1][] { new double[3] };

        new EntropyDeviation(network).Accumulate(Batch(network), Noise, StageBounds.Even(1, 20), 5, sums, default);

        Assert.All(sums[0], sum => Assert.Equal(0, sum));
    }

    private static void Silence(Denoiser network, int block)
    {
        using var noGrad = no_grad();
        foreach (var (name, weight) in network.Present())
            if (name.StartsWith($"transformer_blocks.{block}.norm1.linear.", StringComparison.Ordinal))
                weight.zero_();
    }

    private static CalibrationBatch Batch(Denoiser network)
    {
        using var generator = new Generator(4);
        var (channels, height, width) = network.SampleShape;
        return new(
            randn([4L, channels, height, width], generator: generator),
            randn([4L, channels, height, width], generator: generator),
            network.Classes > 0 ? tensor(new long[] { 1, 3, 0, 2 }) : null);
    }

    /// <summary>Layers that multiply by numbers.</summary>
    private sealed class Factors(params double[] factors) : Denoiser(nameof(Factors), SomeModels.UNet)
    {
        public override IReadOnlyList<LayerInfo> Layers { get; } =
            [.. factors.Select((_, index) => new LayerInfo(index, $"factors.{index}", LayerKind.Transformer))];

        public override (long Channels, long Height, long Width) SampleShape => (3, 8, 8);

        public override int Classes => 0;

        protected override Tensor Forward(Tensor sample, Tensor timestep, Tensor? labels, LayerControl? control) =>
            factors.Where((_, index) => control?.Run?[index] != false).Aggregate(sample, (x, factor) => x * factor);

        protected override void NumberLayers()
        {
        }
    }
}

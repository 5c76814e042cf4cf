using Mlops.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Models;

/// <summary>Gates, masks, observers and features of both families.</summary>
public sealed class LayerControlTests
{
    public static TheoryData<bool> Families => [true, false];

    [Fact]
    public void Gateable_layers_of_a_unet_come_in_execution_order()
    {
        using var model = ModelFamily.ShapeOnly(SomeModels.UNet);

        Assert.Equal(
            [
                "down_blocks.0.resnets.0", "down_blocks.0.resnets.1",
                "down_blocks.1.attentions.0", "down_blocks.1.resnets.1", "down_blocks.1.attentions.1",
                "mid_block.resnets.0", "mid_block.attentions.0", "mid_block.resnets.1",
                "up_blocks.0.resnets.0", "up_blocks.0.attentions.0", "up_blocks.0.resnets.1",
                "up_blocks.0.attentions.1", "up_blocks.0.resnets.2", "up_blocks.0.attentions.2",
                "up_blocks.1.resnets.1", "up_blocks.1.resnets.2",
            ],
            model.Layers.Select(layer => layer.Name));
        Assert.Equal(Enumerable.Range(0, 16), model.Layers.Select(layer => layer.Index));
    }

    [Fact]
    public void A_skip_block_of_the_decoder_attends_behind_its_layers()
    {
        using var model = ModelFamily.ShapeOnly(SomeModels.SkipUNet);

        Assert.Equal(
            ["up_blocks.1.resnets.1", "up_blocks.1.resnets.2", "up_blocks.1.attentions.0"],
            model.Layers.Select(layer => layer.Name).Where(name => name.StartsWith("up_blocks.1")));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Open_gates_and_a_full_mask_change_nothing(bool unet)
    {
        using var scope = NewDisposeScope();
        var (model, inputs) = Some(unet);
        var plain = inputs.Predict(model);

        var masked = inputs.Predict(model, new LayerControl { Run = model.Layers.Select(_ => true).ToList() });
        var gated = inputs.Predict(model, new LayerControl { Gates = ones([1, model.Layers.Count]) });

        Assert.Equal(0, Distance(plain, masked));
        Assert.InRange(Distance(plain, gated), 0, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_skipped_layer_equals_a_closed_gate(bool unet)
    {
        using var scope = NewDisposeScope();
        var (model, inputs) = Some(unet);

        foreach (var layer in model.Layers)
        {
            var run = model.Layers.Select(other => other.Index != layer.Index).ToList();
            var gates = tensor(run.Select(runs => runs ? 1f : 0).ToArray()).unsqueeze(0);

            var hard = inputs.Predict(model, new LayerControl { Run = run });
            var soft = inputs.Predict(model, new LayerControl { Gates = gates });

            Assert.InRange(Distance(hard, soft), 0, 1e-5);
            Assert.True(Distance(hard, inputs.Predict(model)) > 1e-4, layer.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Gates_of_each_sample_act_on_that_sample_only(bool unet)
    {
        using var scope = NewDisposeScope();
        var (model, inputs) = Some(unet);
        var gates = cat([ones([1, model.Layers.Count]), zeros([1, model.Layers.Count])], 0);

        var mixed = inputs.Predict(model, new LayerControl { Gates = gates });
        var closed = inputs.Predict(model, new LayerControl { Run = new bool[model.Layers.Count] });

        Assert.InRange(Distance(inputs.Predict(model)[0], mixed[0]), 0, 1e-5);
        Assert.InRange(Distance(closed[1], mixed[1]), 0, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void The_gradient_of_a_gate_is_that_of_finite_differences(bool unet)
    {
        using var scope = NewDisposeScope();
        var (model, inputs) = Some(unet);
        var gates = full([1, model.Layers.Count], 0.7f).requires_grad_();
        const double H = 1e-2;

        inputs.Predict(model, new LayerControl { Gates = gates }).square().mean().backward();
        using var noGrad = no_grad();

        foreach (var index in new[] { 0, model.Layers.Count / 2, model.Layers.Count - 1 })
        {
            var step = zeros([1, model.Layers.Count]);
            step[0, index] = (float)H;
            var slope = (Loss(gates + step) - Loss(gates - step)) / (2 * H);
            var ours = gates.grad![0, index].item<float>();
            Assert.InRange(Math.Abs(slope - ours), 0, 5e-3 * Math.Max(0.1, Math.Abs(slope)));
        }

        double Loss(Tensor at) =>
            inputs.Predict(model, new LayerControl { Gates = at }).square().mean().item<float>();
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Observers_see_every_layer_that_ran_and_no_other(bool unet)
    {
        using var scope = NewDisposeScope();
        var (model, inputs) = Some(unet);
        var run = model.Layers.Select(layer => layer.Index % 3 != 0).ToList();
        var seen = new List<LayerInfo>();

        inputs.Predict(model, new LayerControl
        {
            Run = run,
            Observe = (layer, x, y) =>
            {
                Assert.Equal(x.shape, y.shape);
                seen.Add(layer);
            },
        });

        Assert.Equal(model.Layers.Where(layer => run[layer.Index]), seen);
    }

    [Theory]
    [InlineData(true, 5)]
    [InlineData(false, 3)]
    public void Features_are_the_outputs_of_all_blocks_and_stay_with_the_caller(bool unet, int expected)
    {
        using var scope = NewDisposeScope();
        var (model, inputs) = Some(unet);
        var features = new List<Tensor>();

        using var noGrad = no_grad();
        var before = scope.DisposablesCount;
        inputs.Predict(model, new LayerControl { Features = features });

        Assert.Equal(expected, features.Count);
        Assert.Equal(before + expected + 1, scope.DisposablesCount);
        Assert.All(features, feature => Assert.True(feature.abs().sum().item<float>() > 0));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void With_every_layer_skipped_the_rest_still_runs(bool unet)
    {
        using var scope = NewDisposeScope();
        var (model, inputs) = Some(unet);
        var before = scope.DisposablesCount;

        var output = inputs.Predict(model, new LayerControl { Run = new bool[model.Layers.Count] });

        Assert.Equal(inputs.Sample.shape, output.shape);
        Assert.Equal(before + 1, scope.DisposablesCount);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Masks_and_gates_of_the_wrong_shape_are_refused(bool unet)
    {
        using var scope = NewDisposeScope();
        var (model, inputs) = Some(unet);

        Assert.Throws<ArgumentException>(() => inputs.Predict(model, new LayerControl { Run = [true] }));
        Assert.Throws<ArgumentException>(() => inputs.Predict(model, new LayerControl { Gates = ones([1, 2]) }));
        Assert.Throws<ArgumentException>(() =>
            inputs.Predict(model, new LayerControl { Gates = ones([3, model.Layers.Count]) }));
    }

    [Fact]
    public void Inputs_that_do_not_fit_are_refused_before_the_native_library_sees_them()
    {
        using var scope = NewDisposeScope();
        var (unet, some) = Some(unet: true);
        var (transformer, other) = Some(unet: false);

        Assert.Throws<ArgumentException>(() => unet.Predict(zeros([2, 4, 8, 8]), some.Time));
        Assert.Throws<ArgumentException>(() => unet.Predict(zeros([2, 3, 7, 8]), some.Time));
        Assert.Throws<ArgumentException>(() => unet.Predict(some.Sample, zeros([3])));
        Assert.Throws<ArgumentException>(() => transformer.Predict(other.Sample, other.Time));
    }

    private static (Denoiser Model, Inputs Inputs) Some(bool unet)
    {
        var model = SomeModels.Awake(unet ? SomeModels.UNet : SomeModels.DiT);
        using var generator = new Generator(7);
        var (channels, height, width) = model.SampleShape;
        return (model, new Inputs(randn([2, channels, height, width], generator: generator),
            tensor(new long[] { 10, 700 }), unet ? null : tensor(new long[] { 1, 5 })));
    }

    private static double Distance(Tensor a, Tensor b) => (a - b).abs().max().item<float>();

    private sealed record Inputs(Tensor Sample, Tensor Time, Tensor? Labels)
    {
        public Tensor Predict(Denoiser model, LayerControl? control = null) =>
            model.Predict(Sample, Time, Labels, control);
    }
}

using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.Tests.Support;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Models;

/// <summary>Networks whose weights were cut by hand.</summary>
public sealed class SlicedModelTests
{
    private const string Block = "down_blocks.0.resnets.0";
    private const string Attention = "mid_block.attentions.0";

    [Fact]
    public void A_network_with_a_whole_norm_group_cut_inside_a_block_equals_the_one_with_that_group_silenced()
    {
        using var scope = NewDisposeScope();
        using var full = SomeModels.Awake(SomeModels.UNet);
        using var cut = SomeModels.Awake(SomeModels.UNet);
        Silence(full, Block + ".conv2.weight", 1, 6);
        CutInner(cut);

        var distance = (Predict(full) - Predict(cut)).abs().max().item<float>();

        Assert.InRange(distance, 0, 1e-5);
        Assert.True(MacCounter.Count(cut).Macs < MacCounter.Count(full).Macs);
        Assert.True(MacCounter.Count(cut).Parameters < MacCounter.Count(full).Parameters);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(5)]
    public void Heads_may_be_cut_away_or_narrowed(int kept)
    {
        using var scope = NewDisposeScope();
        using var full = SomeModels.Awake(SomeModels.UNet);
        using var cut = SomeModels.Awake(SomeModels.UNet);
        // Width 16 in two heads of 8. Zero rows of q and v take a channel out of its head.
        foreach (var name in new[] { ".to_q", ".to_v" })
        {
            Silence(full, Attention + name + ".weight", 0, 16 - kept, 16 - kept);
            Silence(full, Attention + name + ".bias", 0, 16 - kept, 16 - kept);
        }
        CutHead(cut, 16 - kept);

        // A head without queries attends evenly, but its silenced values are all zero.
        var distance = (Predict(full) - Predict(cut)).abs().max().item<float>();

        Assert.InRange(distance, 0, 1e-5);
    }

    [Fact]
    public void Sliced_networks_are_saved_with_their_shapes_and_loaded_only_where_slices_are_expected()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var cut = SomeModels.Awake(SomeModels.UNet);
        CutInner(cut);
        CutHead(cut, 5);

        ModelFolder.Save(folder.Path, cut);
        var refused = Assert.Throws<InvalidDataException>(() => ModelFolder.Load(folder.Path));
        File.WriteAllText(folder.File("pruning_plan.json"), "{}");
        var ignored = Assert.Throws<InvalidDataException>(() => ModelFolder.Load(folder.Path));
        using var loaded = ModelFolder.Load(folder.Path, sliced: true);
        using var clone = ModelFamily.Clone(loaded);

        Assert.Contains("instead of", refused.Message);
        Assert.Contains("would be lost here", ignored.Message);
        Assert.Equal(0, (Predict(cut) - Predict(loaded)).abs().max().item<float>());
        Assert.Equal(0, (Predict(cut) - Predict(clone)).abs().max().item<float>());
        Assert.Equal(MacCounter.Count(cut).Macs, MacCounter.Count(loaded).Macs);
    }

    private static void CutInner(Denoiser model)
    {
        var modules = model.named_modules().ToDictionary(pair => pair.name, pair => pair.module);
        var block = (ResnetBlock)modules[Block];
        block.Conv1.weight = First(block.Conv1.weight, 0, 6);
        block.Conv1.bias = First(block.Conv1.bias!, 0, 6);
        block.TimeProjection.weight = First(block.TimeProjection.weight, 0, 6);
        block.TimeProjection.bias = First(block.TimeProjection.bias!, 0, 6);
        block.Norm2.weight = First(block.Norm2.weight, 0, 6);
        block.Norm2.bias = First(block.Norm2.bias!, 0, 6);
        block.Norm2.num_groups = 3;
        block.Conv2.weight = First(block.Conv2.weight, 1, 6);
    }

    // Takes channels from the front, so that the second head stays whole.
    private static void CutHead(Denoiser model, int removed)
    {
        var modules = model.named_modules().ToDictionary(pair => pair.name, pair => pair.module);
        var attention = (ImageAttention)modules[Attention];
        foreach (var layer in new[] { attention.ToQ, attention.ToK, attention.ToV })
        {
            layer.weight = Last(layer.weight, 0, 16 - removed);
            layer.bias = Last(layer.bias!, 0, 16 - removed);
        }
        attention.ToOut.weight = Last(attention.ToOut.weight, 1, 16 - removed);
        if (removed != 8)
            attention.HeadWidths = removed < 8 ? [8 - removed, 8] : [16 - removed];
    }

    private static Parameter First(Parameter from, int dimension, long kept) =>
        new(from.detach().narrow(dimension, 0, kept).clone());

    private static Parameter Last(Parameter from, int dimension, long kept) =>
        new(from.detach().narrow(dimension, from.shape[dimension] - kept, kept).clone());

    private static void Silence(Denoiser model, string name, int dimension, long start, long? length = null)
    {
        using var noGrad = no_grad();
        var parameter = model.get_parameter(name)!;
        parameter.narrow(dimension, length is null ? start : 0, length ?? (parameter.shape[dimension] - start)).zero_();
    }

    private static Tensor Predict(Denoiser model)
    {
        using var noGrad = no_grad();
        using var generator = new Generator(7);
        return model.Predict(randn([2, 3, 8, 8], generator: generator), tensor(new long[] { 10, 700 }));
    }
}

using Mlops.Diffusion.Models;
using Mlops.Diffusion.Weights;
using Mlops.Tests.Support;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Models;

public sealed class ModelFolderTests
{
    private const string Weights = "diffusion_pytorch_model.safetensors";

    public static TheoryData<bool> Families => [true, false];

    [Theory]
    [MemberData(nameof(Families))]
    public void A_saved_network_comes_back_with_scheduler_and_unknown_entries(bool unet)
    {
        using var folder = new TemporaryFolder();
        using var model = SomeModels.Awake(unet ? SomeModels.UNet : SomeModels.DiT);

        ModelFolder.Save(folder.Path, model, """{"_class_name":"DDPMScheduler"}""");
        using var loaded = ModelFolder.Load(folder.Path);

        AssertEqual(model, loaded);
        Assert.Equal(["config.json", Weights, "scheduler_config.json"], folder.Files);
        Assert.Contains("DDPMScheduler", ModelFolder.Scheduler(folder.Path));
        Assert.Equal(model.Config.ToJson(), loaded.Config.ToJson());
    }

    [Fact]
    public void Shards_and_pipeline_folders_are_read_too()
    {
        using var folder = new TemporaryFolder();
        using var model = SomeModels.Awake(SomeModels.DiT);

        ModelFolder.Save(folder.File("transformer"), model, maxShardBytes: 40_000);
        Directory.CreateDirectory(folder.File("scheduler"));
        File.WriteAllText(folder.File("scheduler/scheduler_config.json"), "{}");
        using var loaded = ModelFolder.Load(folder.Path);

        AssertEqual(model, loaded);
        Assert.Contains("transformer/diffusion_pytorch_model.safetensors.index.json", folder.Files);
        Assert.Equal("{}", ModelFolder.Scheduler(folder.Path));
    }

    [Fact]
    public void Equal_seeds_give_equal_networks_and_a_clone_is_independent()
    {
        using var model = ModelFamily.Create(SomeModels.UNet, 3);
        using var same = ModelFamily.Create(SomeModels.UNet, 3);
        using var other = ModelFamily.Create(SomeModels.UNet, 4);
        using var clone = ModelFamily.Clone(model);

        AssertEqual(model, same);
        AssertEqual(model, clone);
        Assert.NotEqual(Bytes(model, "conv_in.weight"), Bytes(other, "conv_in.weight"));
        using (var noGrad = no_grad())
            clone.get_parameter("conv_in.weight")!.zero_();
        Assert.NotEqual(Bytes(model, "conv_in.weight"), Bytes(clone, "conv_in.weight"));
    }

    [Fact]
    public void Fresh_weights_follow_the_usual_distributions()
    {
        using var unet = ModelFamily.Create(SomeModels.UNet, 3);
        using var transformer = ModelFamily.Create(SomeModels.DiT, 3);

        // A convolution with 8 input channels and 3x3 taps: U(-1/sqrt(72), 1/sqrt(72)).
        var conv = Values(unet, "down_blocks.0.resnets.0.conv1.weight");
        Assert.InRange(conv.Max(), 0.11, 1 / Math.Sqrt(72));
        Assert.InRange(conv.Average(), -0.01, 0.01);
        Assert.All(Values(unet, "conv_norm_out.weight"), value => Assert.Equal(1, value));
        Assert.All(Values(transformer, "transformer_blocks.0.norm1.linear.weight"), value => Assert.Equal(0, value));
        Assert.All(Values(transformer, "proj_out_2.weight"), value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData("conv_in.weight", null, "misses tensor \"conv_in.weight\"")]
    [InlineData("conv_in.weight", "conv_inn.weight", "misses tensor \"conv_in.weight\"")]
    [InlineData(null, "extra.weight", "holds the unexpected tensor \"extra.weight\"")]
    public void Missing_and_unexpected_tensors_are_named(string? removed, string? added, string expected)
    {
        using var folder = new TemporaryFolder();
        Rewrite(folder, tensors =>
        {
            if (removed is not null)
                tensors.Remove(removed);
            if (added is not null)
                tensors[added] = ones([2]);
        });

        var error = Assert.Throws<InvalidDataException>(() => ModelFolder.Load(folder.Path));

        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_tensor_of_the_wrong_shape_is_named_with_both_shapes()
    {
        using var folder = new TemporaryFolder();
        Rewrite(folder, tensors => tensors["conv_in.weight"] = ones([8, 3, 1, 1]));

        var error = Assert.Throws<InvalidDataException>(() => ModelFolder.Load(folder.Path));

        Assert.Contains("\"conv_in.weight\" with shape [8, 3, 1, 1] instead of [8, 3, 3, 3]", error.Message);
    }

    [Fact]
    public void Weights_with_nan_are_refused()
    {
        using var folder = new TemporaryFolder();
        Rewrite(folder, tensors => tensors["conv_out.bias"] = tensor(new[] { 0f, float.NaN, 0 }));

        var error = Assert.Throws<InvalidDataException>(() => ModelFolder.Load(folder.Path));

        Assert.Contains("\"conv_out.bias\" holds NaN or infinity at position 1", error.Message);
    }

    [Fact]
    public void Half_precision_weights_become_single_precision()
    {
        using var folder = new TemporaryFolder();
        Rewrite(folder, tensors =>
        {
            foreach (var (name, value) in tensors.ToList())
                tensors[name] = value.to_type(ScalarType.Float16);
        });

        using var model = ModelFolder.Load(folder.Path);

        Assert.All(model.parameters(), parameter => Assert.Equal(ScalarType.Float32, parameter.dtype));
    }

    [Fact]
    public void Folders_without_model_config_or_weights_are_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("empty"));
        Directory.CreateDirectory(folder.File("bare"));
        SomeModels.UNet.Write(folder.File("bare/config.json"));

        Assert.Contains("none", Assert.Throws<DirectoryNotFoundException>(() =>
            ModelFolder.Load(folder.File("none"))).Message);
        Assert.Contains("config.json", Assert.Throws<FileNotFoundException>(() =>
            ModelFolder.Load(folder.File("empty"))).Message);
        Assert.Contains(Weights, Assert.Throws<FileNotFoundException>(() =>
            ModelFolder.Load(folder.File("bare"))).Message);
    }

    private static void Rewrite(TemporaryFolder folder, Action<Dictionary<string, Tensor>> change)
    {
        using var scope = NewDisposeScope();
        using var model = ModelFamily.Create(SomeModels.UNet, 1);
        ModelFolder.Save(folder.Path, model);
        using var stored = StoredTensors.Open(folder.File(Weights));
        var tensors = stored.Names.ToDictionary(name => name, stored.Read);
        change(tensors);
        SafetensorsWriter.Write(folder.File(Weights), tensors);
    }

    private static void AssertEqual(Denoiser expected, Denoiser actual)
    {
        Assert.Equal(
            expected.named_parameters().Select(pair => pair.name), actual.named_parameters().Select(pair => pair.name));
        foreach (var (name, _) in expected.named_parameters())
            Assert.Equal(Bytes(expected, name), Bytes(actual, name));
    }

    private static byte[] Bytes(Denoiser model, string name) => model.get_parameter(name)!.bytes.ToArray();

    private static float[] Values(Denoiser model, string name) => model.get_parameter(name)!.data<float>().ToArray();
}

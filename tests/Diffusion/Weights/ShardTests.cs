using Mlops.Diffusion.Weights;
using Mlops.Tests.Support;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Weights;

public sealed class ShardTests
{
    private const string Index = "w.safetensors.index.json";

    [Fact]
    public void Tensors_beyond_the_shard_size_go_to_the_next_file()
    {
        using var folder = new TemporaryFolder();
        WriteThree(folder);

        Assert.Equal(
            ["w-00001-of-00002.safetensors", "w-00002-of-00002.safetensors", Index], folder.Files);
        using var stored = StoredTensors.OpenIn(folder.Path, "w");
        using var c = stored.Read("c");
        Assert.Equal(["a", "b", "c"], stored.Names.Order());
        Assert.Equal([2f, 2, 2], c.data<float>().ToArray());
        Assert.Equal(36, ShardIndex.Read(folder.File(Index)).TotalBytes);
    }

    [Fact]
    public void What_fits_is_written_as_one_file()
    {
        using var folder = new TemporaryFolder();
        using var values = ones([3]);

        TensorsWriter.Write(folder.Path, "w", [new("a", values)]);

        Assert.Equal(["w.safetensors"], folder.Files);
    }

    [Theory]
    [InlineData("w.fp16.safetensors")]
    [InlineData("w.safetensors.index.fp16.json")]
    public void Weights_of_a_variant_are_found(string name)
    {
        using var folder = new TemporaryFolder();
        WriteThree(folder);
        if (name.EndsWith(".json", StringComparison.Ordinal))
            File.Move(folder.File(Index), folder.File(name));
        else
        {
            using var halves = ones([3], ScalarType.Float16);
            Directory.EnumerateFiles(folder.Path).ToList().ForEach(File.Delete);
            SafetensorsWriter.Write(folder.File(name), [new("a", halves)]);
        }

        using var stored = StoredTensors.OpenIn(folder.Path, "w");

        Assert.Equal(folder.File(name), stored.Path);
        Assert.Contains("a", stored.Names);
    }

    [Fact]
    public void A_missing_shard_is_named()
    {
        using var folder = new TemporaryFolder();
        WriteThree(folder);
        File.Delete(folder.File("w-00002-of-00002.safetensors"));

        var error = Assert.Throws<FileNotFoundException>(() => StoredTensors.OpenIn(folder.Path, "w"));

        Assert.Contains("w-00002-of-00002.safetensors", error.Message);
    }

    [Theory]
    [InlineData("w-00002-of-00002", "w-00001-of-00002", "says that")]
    [InlineData("\"b\"", "\"d\"", "\"d\"")]
    [InlineData("w-00002-of-00002", "../w-00002-of-00002", "beside their index")]
    [InlineData("weight_map", "weights", "weight_map")]
    [InlineData("{", "[", "weight_map")]
    public void An_index_that_disagrees_with_its_shards_is_refused(string old, string replacement, string expected)
    {
        using var folder = new TemporaryFolder();
        WriteThree(folder);
        File.WriteAllText(folder.File(Index), File.ReadAllText(folder.File(Index)).Replace(old, replacement));

        var error = Assert.Throws<InvalidDataException>(() => StoredTensors.Open(folder.File(Index)));

        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_folder_with_only_a_pickle_says_how_to_convert_it()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("diffusion_pytorch_model.bin"), [0x50, 0x4B, 3, 4]);

        var error = Assert.Throws<InvalidDataException>(() =>
            StoredTensors.OpenIn(folder.Path, "diffusion_pytorch_model"));

        Assert.Contains("safe_serialization=True", error.Message);
    }

    private static void WriteThree(TemporaryFolder folder)
    {
        using var scope = NewDisposeScope();
        TensorsWriter.Write(folder.Path, "w",
            [new("a", ones([3])), new("b", ones([3])), new("c", ones([3]) * 2)], maxShardBytes: 24);
    }
}

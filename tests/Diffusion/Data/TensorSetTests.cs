using Mlops.Diffusion.Data;
using Mlops.Diffusion.Weights;
using Mlops.Tests.Support;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Data;

/// <summary>Images and latents that lie as tensors in a file.</summary>
public sealed class TensorSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_written_comes_back_and_the_last_fifth_is_held_out()
    {
        using var scope = NewDisposeScope();
        var images = randn([10, 4, 3, 3]);
        TensorSet.Write(_folder.Path, images, arange(10, int64));

        var (train, test) = (ImageSet.Open(_folder.Path), ImageSet.Open(_folder.Path, DataSplit.Test));
        var (batch, labels) = test.Batch([1]);

        Assert.Equal((8, 2, 10, (4, 3, 3)), (train.Count, test.Count, train.Classes, train.Shape));
        Assert.Equal(9, labels.item<long>());
        Assert.Equal(0, (batch[0] - images[9]).abs().max().item<float>());
        Assert.Equal(0, (train.Batch([2], [true]).Images[0] - images[2].flip(2)).abs().max().item<float>());
    }

    [Fact]
    public void An_artifact_holds_the_same_tensors()
    {
        using var scope = NewDisposeScope();
        TensorSet.Write(_folder.File("latents"), randn([10, 4, 3, 3]), labels: null);

        var description = DataFolder.Import(_folder.File("latents"), _folder.File("artifact"));

        Assert.Equal(
            ("tensors", 0, 8, 4),
            (description.Source, description.Classes, description.Count, description.Channels));
        Assert.Equal(8, ImageSet.Open(_folder.File("artifact")).Count);
    }

    [Fact]
    public void Labels_of_another_number_of_images_are_refused()
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(
            _folder.File("images.safetensors"),
            new Dictionary<string, Tensor> { ["images"] = randn([10, 4, 3, 3]), ["labels"] = arange(9, int64) });

        var refused = Assert.Throws<InvalidDataException>(() => ImageSet.Open(_folder.Path));

        Assert.Contains("9 labels for 10 images", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_that_are_no_images_are_refused()
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(
            _folder.File("images.safetensors"), new Dictionary<string, Tensor> { ["images"] = randn([10, 4]) });

        var refused = Assert.Throws<InvalidDataException>(() => ImageSet.Open(_folder.Path));

        Assert.Contains("[10, 4]", refused.Message, StringComparison.Ordinal);
    }
}

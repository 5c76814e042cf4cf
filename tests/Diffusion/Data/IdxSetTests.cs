using System.Buffers.Binary;
using System.IO.Compression;
using Mlops.Diffusion.Data;
using Mlops.Tests.Support;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Data;

/// <summary>The format of the MNIST family, honest and not.</summary>
public sealed class IdxSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Images_and_labels_are_read_plain_and_compressed(bool compressed)
    {
        using var scope = NewDisposeScope();
        Write("train-images-idx3-ubyte", Images(count: 3), compressed);
        Write("train-labels-idx1-ubyte", Labels(2, 0, 1), compressed);
        WriteTestSplit();

        var set = ImageSet.Open(_folder.Path);
        var (images, labels) = set.Batch([2, 0]);

        Assert.Equal((3, 3, (1, 2, 2)), (set.Count, set.Classes, set.Shape));
        Assert.Equal([1, 2], labels.data<long>().ToArray());
        Assert.Equal(Enumerable.Range(8, 4).Select(value => (value / 127.5f) - 1), images[0].data<float>().ToArray());
    }

    [Fact]
    public void The_test_split_is_the_other_pair_of_files()
    {
        Write("train-images-idx3-ubyte", Images(count: 3));
        Write("train-labels-idx1-ubyte", Labels(2, 0, 1));
        WriteTestSplit();

        var (train, test) = (ImageSet.Open(_folder.Path), ImageSet.Open(_folder.Path, DataSplit.Test));

        Assert.Equal((3, 1), (train.Count, test.Count));
    }

    [Fact]
    public void Of_a_lone_pair_some_images_are_held_out()
    {
        Write("train-images-idx3-ubyte", Images(count: 3));
        Write("train-labels-idx1-ubyte", Labels(2, 0, 1));

        var (train, test) = (ImageSet.Open(_folder.Path), ImageSet.Open(_folder.Path, DataSplit.Test));

        Assert.Equal((2, 1), (train.Count, test.Count));
    }

    [Fact]
    public void An_artifact_holds_the_same_images()
    {
        Write("train-images-idx3-ubyte", Images(count: 3), compressed: true);
        Write("train-labels-idx1-ubyte", Labels(2, 0, 1), compressed: true);
        WriteTestSplit();

        var description = DataFolder.Import(_folder.Path, _folder.File("artifact"));

        Assert.Equal(
            ("idx", 3, 1, 2), (description.Source, description.Classes, description.Channels, description.Size));
        Assert.Equal(3, ImageSet.Open(_folder.File("artifact")).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_truncated_file_is_refused(bool compressed)
    {
        Write("train-images-idx3-ubyte", Images(count: 3)[..^1], compressed);
        Write("train-labels-idx1-ubyte", Labels(2, 0, 1));

        Refused("train-images-idx3-ubyte", "ends before its last value");
    }

    [Fact]
    public void A_compressed_file_that_is_cut_off_is_refused()
    {
        Write("train-images-idx3-ubyte", Images(count: 30_000), compressed: true);
        Write("train-labels-idx1-ubyte", Labels(2, 0, 1));
        using (var file = File.OpenWrite(_folder.File("train-images-idx3-ubyte.gz")))
            file.SetLength(file.Length / 2);

        Refused("train-images-idx3-ubyte.gz", "fetch the file again");
    }

    [Fact]
    public void A_header_that_announces_less_than_there_is_is_refused()
    {
        Write("train-images-idx3-ubyte", [.. Images(count: 3), 0]);
        Write("train-labels-idx1-ubyte", Labels(2, 0, 1));

        Refused("train-images-idx3-ubyte", "holds 13 values where its header announces 12");
    }

    [Fact]
    public void A_header_that_announces_more_than_memory_is_refused()
    {
        Write("train-images-idx3-ubyte", [0, 0, 8, 3, .. Number(1 << 24), .. Number(1 << 20), .. Number(1 << 20)]);
        Write("train-labels-idx1-ubyte", Labels(2, 0, 1));

        Refused("train-images-idx3-ubyte", "announces 16777216 x 1048576");
    }

    [Fact]
    public void Another_type_of_values_is_refused()
    {
        Write("train-images-idx3-ubyte", [0, 0, 13, 3, .. Number(1), .. Number(1), .. Number(1), 0, 0, 0, 0]);
        Write("train-labels-idx1-ubyte", Labels(2));

        Refused("train-images-idx3-ubyte", "begins with 00000D03");
    }

    [Fact]
    public void Labels_of_another_number_of_images_are_refused()
    {
        Write("train-images-idx3-ubyte", Images(count: 3));
        Write("train-labels-idx1-ubyte", Labels(2, 0));

        Refused("train-labels-idx1-ubyte", "holds 2 labels for 3 images");
    }

    [Fact]
    public void Images_without_labels_are_refused()
    {
        Write("train-images-idx3-ubyte", Images(count: 3));

        Refused("train-images-idx3-ubyte", "no train-labels-idx1-ubyte");
    }

    private void Refused(string file, string reason)
    {
        var refused = Assert.Throws<InvalidDataException>(() => ImageSet.Open(_folder.Path));

        Assert.Contains(file, refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    private void WriteTestSplit()
    {
        Write("t10k-images-idx3-ubyte", Images(count: 1));
        Write("t10k-labels-idx1-ubyte", Labels(2));
    }

    private void Write(string name, byte[] content, bool compressed = false)
    {
        using var file = File.Create(_folder.File(compressed ? name + ".gz" : name));
        using Stream target = compressed ? new GZipStream(file, CompressionLevel.Fastest) : file;
        target.Write(content);
    }

    // 2 x 2 images whose values count up.
    private static byte[] Images(int count) =>
    [
        0, 0, 8, 3, .. Number(count), .. Number(2), .. Number(2),
        .. Enumerable.Range(0, 4 * count).Select(value => (byte)value),
    ];

    private static byte[] Labels(params byte[] labels) => [0, 0, 8, 1, .. Number(labels.Length), .. labels];

    private static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}

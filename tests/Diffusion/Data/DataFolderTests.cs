using Mlops.Diffusion.Data;
using Mlops.Diffusion.Images;
using Mlops.Tests.Support;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Data;

public sealed class DataFolderTests
{
    [Fact]
    public void The_procedural_set_is_described_and_opened_again()
    {
        using var folder = new TemporaryFolder();

        var description = DataFolder.Import("procedural", folder.Path, seed: 5);
        var set = ImageSet.Open(folder.Path);

        Assert.Equal(("procedural", 10, 5L), (description.Source, description.Classes, description.Seed));
        Assert.Equal((description.Count, 10), (set.Count, set.Classes));
        Assert.Equal(new ProceduralSet(10, 5).Picture(3).Samples, ((ProceduralSet)set).Picture(3).Samples);
        Assert.NotEqual(
            ((ProceduralSet)set).Picture(3).Samples,
            ((ProceduralSet)ImageSet.Open(folder.Path, DataSplit.Test)).Picture(3).Samples);
    }

    [Fact]
    public void Pictures_are_scaled_and_classes_come_from_subfolders()
    {
        using var source = new TemporaryFolder();
        using var target = new TemporaryFolder();
        foreach (var (name, value) in new[] { ("cats/a.png", 10), ("cats/b.PNG", 20), ("dogs/deep/c.png", 30) })
            ImageFile.WritePng(Plain(40, 20, (byte)value), Made(source.File(name)));

        var description = DataFolder.Import(source.Path, target.Path, size: 16);
        using var scope = NewDisposeScope();
        var (images, labels) = ImageSet.Open(target.Path).Batch([0, 1]);
        var (held, itsLabel) = ImageSet.Open(target.Path, DataSplit.Test).Batch([0]);

        Assert.Equal(
            ("pictures", 2, 3, 16), (description.Source, description.Classes, description.Count, description.Size));
        Assert.Equal(["cats", "dogs"], description.Names!);
        Assert.Equal("3 images, 2 classes, 3 resized to 16 x 16", description.InWords());
        Assert.Equal(description with { Names = null }, DataDescription.Read(target.Path) with { Names = null });
        Assert.Equal([2, 3, 16, 16], images.shape);
        Assert.Equal([0L, 0, 1], [.. labels.data<long>(), .. itsLabel.data<long>()]);
        Assert.Equal((30 / 127.5f) - 1, held.mean().item<float>(), 1e-5);
    }

    [Fact]
    public void Flat_folders_have_no_classes()
    {
        using var folder = new TemporaryFolder();
        ImageFile.WritePng(Plain(8, 8, 99), folder.File("one.png"));
        ImageFile.WritePng(Plain(8, 8, 99), folder.File("two.png"));

        var set = ImageSet.Open(folder.Path);

        Assert.Equal((1, 0), (set.Count, set.Classes));
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(4, 3)]
    [InlineData(5, 4)]
    [InlineData(7, 4)]
    [InlineData(11, 4, 9)]
    public void Of_pictures_in_one_piece_every_fifth_is_held_out_and_in_no_training(int count, params int[] held)
    {
        using var folder = new TemporaryFolder();
        for (var i = 0; i < count; i++)
            ImageFile.WritePng(Plain(4, 4, (byte)i), folder.File($"{i:D2}.png"));

        Assert.Equal(held, Values(ImageSet.Open(folder.Path, DataSplit.Test)));
        Assert.Equal(Enumerable.Range(0, count).Except(held), Values(ImageSet.Open(folder.Path)));

        static IEnumerable<int> Values(ImageSet set)
        {
            using var scope = NewDisposeScope();
            var (images, _) = set.Batch([.. Enumerable.Range(0, set.Count)]);
            return [.. images.mean([1L, 2, 3]).data<float>().Select(mean => (int)Math.Round((mean + 1) * 127.5))];
        }
    }

    [Fact]
    public void A_single_picture_is_refused_because_none_could_be_held_out()
    {
        using var folder = new TemporaryFolder();
        ImageFile.WritePng(Plain(4, 4, 1), folder.File("only.png"));

        var refused = Assert.Throws<InvalidDataException>(() => ImageSet.Open(folder.Path));

        Assert.Contains("one image only; put more there", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cifar_batches_without_the_test_batch_are_split()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("data_batch_1.bin"), new byte[10 * 3073]);

        var (train, test) = (ImageSet.Open(folder.Path), ImageSet.Open(folder.Path, DataSplit.Test));

        Assert.Equal((8, 2), (train.Count, test.Count));
    }

    [Fact]
    public void Folders_without_readable_images_are_refused_with_a_way_out()
    {
        using var empty = new TemporaryFolder();
        using var mixed = new TemporaryFolder();
        ImageFile.WritePng(Plain(8, 8, 1), Made(mixed.File("a/one.png")));
        ImageFile.WritePng(Plain(8, 8, 1), mixed.File("two.png"));

        Assert.Contains(
            "no picture", Assert.Throws<InvalidDataException>(() => DataFolder.Describe(empty.Path)).Message,
            StringComparison.Ordinal);
        Assert.Contains("two.png", Assert.Throws<InvalidDataException>(() => DataFolder.Describe(mixed.Path)).Message,
            StringComparison.Ordinal);
        Assert.Throws<DirectoryNotFoundException>(() => DataFolder.Describe(empty.File("gone/x")));
    }

    [Fact]
    public void Cifar_files_of_a_wrong_size_or_label_are_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("data_batch_1.bin"), new byte[3073 + 1]);
        var size = Assert.Throws<InvalidDataException>(() => ImageSet.Open(folder.Path));
        File.WriteAllBytes(folder.File("data_batch_1.bin"), [.. Enumerable.Repeat((byte)200, 3073)]);
        var label = Assert.Throws<InvalidDataException>(() => ImageSet.Open(folder.Path));

        Assert.Contains("3073", size.Message, StringComparison.Ordinal);
        Assert.Contains("label 200", label.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cifar_records_become_planes_and_survive_an_import()
    {
        using var source = new TemporaryFolder();
        using var target = new TemporaryFolder();
        var record = new byte[2 * 3073];
        (record[0], record[3073]) = (4, 7);
        record[3073 + 1 + 1024 + 33] = 255;
        File.WriteAllBytes(source.File("data_batch_1.bin"), record);
        File.WriteAllBytes(source.File("test_batch.bin"), record[..3073]);

        DataFolder.Import(source.Path, target.Path);
        var set = ImageSet.Open(target.Path);
        using var scope = NewDisposeScope();
        var (images, labels) = set.Batch([0, 1]);
        var (mirrored, _) = set.Batch([1], [true]);

        Assert.Equal((2, 1), (set.Count, ImageSet.Open(target.Path, DataSplit.Test).Count));
        Assert.Equal([4L, 7], labels.data<long>().ToArray());
        Assert.Equal("horse", DataDescription.Read(target.Path).Names![7]);
        Assert.Equal(1f, images[1, 1, 1, 1].item<float>());
        Assert.Equal(1f, mirrored[0, 1, 1, 30].item<float>());
        Assert.Equal(-6143f + 1, images.sum().item<float>(), 0.5);
    }

    [ReferenceFact]
    public void Real_cifar_batches_open()
    {
        var set = ImageSet.Open(Reference.Path("data/cifar10"));
        using var scope = NewDisposeScope();
        var (images, labels) = set.Batch(1, 0, 64);

        Assert.Equal((10_000, 10), (set.Count, set.Classes));
        Assert.InRange(images.mean().item<float>(), -0.3f, 0.2f);
        Assert.True(labels.data<long>().ToArray().Distinct().Count() >= 8);
    }

    private static string Made(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    private static RasterImage Plain(int width, int height, byte value) =>
        new(width, height, 3, [.. Enumerable.Repeat(value, width * height * 3)]);
}

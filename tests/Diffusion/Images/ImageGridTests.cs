using Mlops.Diffusion.Images;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Images;

public sealed class ImageGridTests
{
    [Fact]
    public void Pairs_are_laid_out_in_three_rows_and_equal_pairs_differ_by_gray()
    {
        var path = Path.GetTempFileName();
        using var scope = NewDisposeScope();
        var images = full(5, 3, 32, 32, 0.5, float32);

        ImageGrid.WritePairs(images, images.clone(), path);
        var sheet = ImageFile.Read(path);

        Assert.Equal((12 + (5 * 132), 4 + (3 * 132)), (sheet.Width, sheet.Height));
        Assert.Equal(191, sheet[20, 20, 0]);
        Assert.Equal(128, sheet[20, 20 + (2 * 132), 1]);
        File.Delete(path);
    }

    [Fact]
    public void Values_outside_the_range_are_clipped_and_shapes_checked()
    {
        using var scope = NewDisposeScope();
        var raster = ImageTensor.ToRasters(tensor([-3f, 0f, 1f, 9f], [1, 1, 2, 2], float32))[0];

        Assert.Equal([0, 128, 255, 255], raster.Samples);
        Assert.Throws<InvalidDataException>(() => ImageTensor.ToRasters(zeros(1, 4, 2, 2)));
        Assert.Throws<InvalidDataException>(
            () => ImageGrid.WritePairs(zeros(1, 3, 2, 2), zeros(1, 3, 4, 4), "never-written.png"));
    }
}

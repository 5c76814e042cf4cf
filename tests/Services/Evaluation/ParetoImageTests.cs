using Mlops.Contracts.Evaluations;
using Mlops.Diffusion.Images;
using Mlops.Evaluation.Comparing;
using Mlops.Tests.Support;

namespace Mlops.Tests.Services.Evaluation;

public sealed class ParetoImageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_method_has_its_points_at_their_distances_and_its_name()
    {
        var chart = new Chart("To the truth", "total MACs left", "log10", [
            new("forecast", [0.25, 0.5], [-3, -4]), new("fora", [0.25, 0.5], [-2, -3]), new("never", [], [])]);
        var path = _folder.File("plot.png");

        ParetoImage.Write([chart, chart], path);
        var picture = ImageFile.Read(path);

        Assert.Equal((1000, 880), (picture.Width, picture.Height));
        var (blue, red) = (Lowest(picture, 31, 105, 180), Lowest(picture, 214, 60, 40));
        // A decade is a third of the height of the plot without its margins.
        Assert.Equal((440 - 60 - 70) / 2 / 1.12, blue - red, 4.0);
        Assert.Equal(Lowest(picture, 31, 105, 180, top: 440), blue + 440);
        Assert.True(Count(picture, 31, 105, 180) > 540);
    }

    [Fact]
    public void A_letter_is_its_dots_and_an_unknown_one_a_gap()
    {
        Assert.Equal([(1, 0), (1, 1), (1, 2), (1, 3), (1, 4)], PixelFont.Dots("t?").Where(dot => dot.X == 1));
        Assert.Equal(2 * PixelFont.Dots("1").Count(), PixelFont.Dots("1~1").Count());
        Assert.Equal(PixelFont.Dots("ABC"), PixelFont.Dots("abc"));
    }

    private static int Count(RasterImage picture, byte red, byte green, byte blue) => (
        from y in Enumerable.Range(0, 440)
        from x in Enumerable.Range(0, picture.Width)
        where Is(picture, x, y, red, green, blue)
        select x).Count();

    // Row of the lowest dot of a color within one chart, left of the names.
    private static int Lowest(RasterImage picture, byte red, byte green, byte blue, int top = 0) => (
        from y in Enumerable.Range(top, 440)
        from x in Enumerable.Range(0, 690)
        where Is(picture, x, y, red, green, blue)
        select y).Max();

    private static bool Is(RasterImage picture, int x, int y, byte red, byte green, byte blue) =>
        (picture[x, y, 0], picture[x, y, 1], picture[x, y, 2]) == (red, green, blue);
}

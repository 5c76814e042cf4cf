using Mlops.Diffusion.Data;
using Mlops.Diffusion.Images;
using Mlops.Diffusion.Models;

namespace Mlops.Tests.Services.CoFinetuning;

public sealed class BuiltInModelTests : IDisposable
{
    private readonly TrainingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    /// <summary>28 pixels, as of the MNIST family, can be halved twice.</summary>
    [Fact]
    public void The_default_network_has_as_many_levels_as_the_images_allow()
    {
        _fixture.Inputs["data"] = _fixture.Import(Pictures(28), "data");

        var folder = _fixture.Train("""{"mode": "dense", "steps": 1, "batch-size": 2}""");
        var refused = Assert.Throws<InvalidDataException>(() => _fixture.Train(
            """{"mode": "dense", "steps": 1, "batch-size": 2, "widths": [8, 8, 8, 8]}"""));

        using var model = ModelFolder.Load(folder);
        Assert.Equal((3, 28, 28), model.SampleShape);
        Assert.Contains("give 3 'widths' or fewer", refused.Message, StringComparison.Ordinal);
    }

    private string Pictures(int side)
    {
        var (pictures, imported) = (_fixture.NewFolder(), _fixture.NewFolder());
        foreach (var number in (int[])[0, 1])
        {
            var folder = Directory.CreateDirectory(Path.Combine(pictures, $"class-{number}"));
            ImageFile.WritePng(
                new RasterImage(side, side, 1, [.. Enumerable.Range(0, side * side).Select(at => (byte)(at * number))]),
                Path.Combine(folder.FullName, "picture.png"));
        }

        DataFolder.Import(pictures, imported, size: side);
        return imported;
    }
}

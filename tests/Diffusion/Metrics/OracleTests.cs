using System.Text.Json.Nodes;
using Mlops.Diffusion.Metrics;
using Mlops.Diffusion.Weights;
using Mlops.Tests.Support;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Metrics;

/// <summary>Our numbers against those of scipy, scikit-image and PyTorch as Debian packages them.</summary>
[Trait("Category", "EndToEnd")]
public sealed class OracleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [OracleFact("scipy", "skimage")]
    public async Task Metrics_are_those_of_scipy_and_scikit_image()
    {
        var expected = JsonNode.Parse(await RunAsync("metrics"))!;
        using var inputs = SafetensorsFile.Open(_folder.File("inputs.safetensors"));
        using var scope = NewDisposeScope();
        Tensor x = inputs.Read("x"), y = inputs.Read("y");
        var manifolds = PrecisionRecall.Estimate(x, y);

        Close((double)expected["frechet"]!, Frechet.Distance(x, y), relative: 1e-6);
        Close((double)expected["kid"]!, Kid.Distance(x, y), relative: 1e-6);
        Close((double)expected["precision"]!, manifolds.Precision.Value, relative: 1e-12);
        Close((double)expected["recall"]!, manifolds.Recall.Value, relative: 1e-12);
        Close((double)expected["density"]!, manifolds.Density.Value, relative: 1e-12);
        var similar = PairedMetrics.Ssim(inputs.Read("a"), inputs.Read("b"));
        Assert.All(
            expected["ssim"]!.AsArray().Zip(similar), pair => Assert.Equal((double)pair.First!, pair.Second, 1e-5));
    }

    [OracleFact("torch", "torchvision")]
    public Task Inception_is_torchvisions_with_the_poolings_of_fid() => FeaturesAreThoseOfAsync("inception", 2048);

    [OracleFact("torch")]
    public Task Clip_is_the_tower_written_with_torch_itself() => FeaturesAreThoseOfAsync("clip", 10);

    private async Task FeaturesAreThoseOfAsync(string network, long width)
    {
        await RunAsync(network);
        using var record = SafetensorsFile.Open(_folder.File("io.safetensors"));
        using var scope = NewDisposeScope();
        using var ours = FeatureNetwork.Load(_folder.Path);

        var found = ours.Compute(record.Read("pictures"), batchSize: 2);

        Assert.Equal([3, width], found.shape);
        var theirs = record.Read("features");
        Assert.InRange((found - theirs).abs().max().item<double>(), 0, 1e-4);
        // Random weights, and yet the pictures are told apart.
        Assert.True((theirs[0] - theirs[1]).abs().max().item<float>() > 0.01);
    }

    private Task<string> RunAsync(string what) =>
        Script.PythonAsync("tests/Diffusion/Metrics/oracles.py", what, _folder.Path);

    private static void Close(double expected, double found, double relative) =>
        Assert.Equal(expected, found, Math.Abs(expected) * relative);
}

using System.Security.Cryptography;
using Mlops.Cli.Hosting;
using Mlops.Diffusion.Models;

namespace Mlops.Tests.Cli;

/// <summary>The model that comes along is the one that its page describes.</summary>
public sealed class FashionTests
{
    private const long LargestFile = 4 << 20;

    private static readonly string Weights = Path.Combine(Fashion.Model, "diffusion_pytorch_model.safetensors");

    [Fact]
    public void Its_digest_stands_beside_the_command_that_made_it()
    {
        var page = File.ReadAllText(Path.Combine(Fashion.Model, "README.md"));

        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Weights))), page);
        Assert.InRange(new FileInfo(Weights).Length, 1, LargestFile);
    }

    [Fact]
    public void It_loads_with_every_class()
    {
        using var model = ModelFolder.Load(Fashion.Model);

        Assert.Equal((10, 28, 28), (model.Classes, (int)model.SampleShape.Height, (int)model.SampleShape.Width));
    }
}

using Mlops.Tests.Support;
using TorchSharp;

namespace Mlops.Tests.Torch.Compat;

/// <summary>The engine's public members are approved, and each is one that TorchSharp 0.107 has.</summary>
public sealed class PublicSurfaceTests
{
    private static readonly IReadOnlyList<string> Surface = PublicSurface.Of(typeof(torch).Assembly);

    [Fact]
    public void The_surface_is_the_approved_one()
    {
        var approved = File.ReadAllLines(Repository.Path("tests", "Torch", "Compat", "approved-api.txt"));

        var added = Surface.Except(approved).Select(line => "+ " + line);
        var gone = approved.Except(Surface).Select(line => "- " + line);
        Assert.True(Surface.SequenceEqual(approved),
            $"change tests/Torch/Compat/approved-api.txt (sorted):\n{string.Join('\n', added.Concat(gone))}");
    }

    [ReferenceFact]
    public void Every_member_has_the_signature_that_TorchSharp_gives_it()
    {
        var real = File.ReadAllLines(Reference.Path("torchsharp-api.txt"));

        Assert.Equal([], Surface.Except(real));
    }
}

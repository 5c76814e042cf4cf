using Mlops.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Models;

public sealed class FirFilterTests
{
    [Fact]
    public void An_impulse_becomes_the_filter_and_constants_fade_at_the_border_only()
    {
        using var scope = NewDisposeScope();
        var impulse = zeros([1, 2, 4, 4]);
        impulse[0, 1, 1, 1] = 1;

        var halved = FirFilter.Halve(impulse);
        var doubled = FirFilter.Double(impulse);

        // Pixel 1 lies under the taps 3 and 1 of the first two outputs, and doubled spreads from pixel 1 to 4.
        Equal([9 / 64f, 3 / 64f, 3 / 64f, 1 / 64f], halved[0, 1]);
        Equal([1 / 16f, 3 / 16f, 3 / 16f, 1 / 16f], doubled[0, 1, 1].narrow(0, 1, 4));
        Equal([3 / 16f, 9 / 16f, 9 / 16f, 3 / 16f], doubled[0, 1, 2].narrow(0, 1, 4));
        Assert.Equal(1, doubled.sum().item<float>() / 4, 1e-6);
        Assert.Equal(0, (halved[0, 0].abs().sum() + doubled[0, 0].abs().sum()).item<float>());
        Equal([0.875f, 1, 1, 0.875f], FirFilter.Halve(ones([1, 1, 8, 8]))[0, 0, 1]);
        Equal([0.75f, 1, 1, 1, 1, 1, 1, 0.75f], FirFilter.Double(ones([1, 1, 4, 4]))[0, 0, 3]);
    }

    [Fact]
    public void The_gradient_of_each_is_the_other()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var large = randn([2, 3, 8, 6], generator: generator).requires_grad_();
        var small = randn([2, 3, 4, 3], generator: generator).requires_grad_();

        (FirFilter.Halve(large) * small.detach()).sum().backward();
        (FirFilter.Double(small) * large.detach()).sum().backward();

        Assert.True(large.grad!.allclose(FirFilter.Double(small) / 4, atol: 1e-6));
        Assert.True(small.grad!.allclose(FirFilter.Halve(large) * 4, atol: 1e-6));
    }

    private static void Equal(float[] expected, Tensor actual) =>
        Assert.True(actual.flatten().allclose(tensor(expected), atol: 1e-6), string.Join(' ', actual.data<float>()));
}

using Mlops.Diffusion.Devices;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Devices;

/// <summary>This processor's convolutions in float32 are those in float64, which are computed in another way; also
/// where channels fill no block of 8 or 16.</summary>
public sealed class ConvolutionTests
{
    [Theory]
    [InlineData(3, 20, 1)]
    [InlineData(12, 12, 1)]
    [InlineData(20, 20, 1)]
    [InlineData(24, 16, 1)]
    [InlineData(24, 24, 2)]
    [InlineData(40, 24, 1)]
    [InlineData(32, 3, 1)]
    [InlineData(16, 1, 1)]
    public void Outputs_and_gradients_are_those_of_float64(long channels, long outputs, long stride)
    {
        // Loads the assembly, which chooses the kernels.
        Assert.NotEmpty(Processor.Name);
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var (image, weight) = (
            randn([4, channels, 14, 14], generator: generator), randn([outputs, channels, 3, 3], generator: generator));

        foreach (var (single, exact) in Convolved(image, weight, stride, float32)
            .Zip(Convolved(image, weight, stride, float64)))
        {
            var error = ((single.to(float64) - exact).norm() / exact.norm()).item<double>();

            Assert.InRange(error, 0, 1e-5);
        }
    }

    // The output, and the gradients of its square by image and weight.
    private static Tensor[] Convolved(Tensor image, Tensor weight, long stride, ScalarType type)
    {
        var (x, w) = (
            image.to(type, copy: true).requires_grad_(), weight.to(type, copy: true).requires_grad_());
        var y = nn.functional.conv2d(x, w, strides: [stride, stride], padding: [1, 1]);
        y.square().sum().backward();
        return [y.detach(), x.grad!, w.grad!];
    }
}

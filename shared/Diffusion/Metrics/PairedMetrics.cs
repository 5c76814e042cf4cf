using static TorchSharp.torch;

namespace Mlops.Diffusion.Metrics;

/// <summary>Distances between images that belong together: same start noise, two models.</summary>
public static class PairedMetrics
{
    private const int Window = 11;
    private const double WindowSigma = 1.5;

    /// <summary>Mean squared error of each pair [N, …], in squared units of the input.</summary>
    public static double[] Mse(Tensor a, Tensor b)
    {
        CheckPair(a, b);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var square = (a.to(float64) - b.to(float64)).square().reshape(a.shape[0], -1);   // [n, …] -> [n, rest]
        return square.mean([1L]).Doubles();
    }

    /// <summary>Peak signal-to-noise ratio of each pair in decibels; infinite for equal images.</summary>
    /// <param name="a">[N, C, H, W].</param>
    /// <param name="b">Same shape.</param>
    /// <param name="range">Largest minus smallest possible value: 2 for images in [−1, 1].</param>
    public static double[] Psnr(Tensor a, Tensor b, double range = 2) =>
        Array.ConvertAll(Mse(a, b), mse => 10 * Math.Log10(range * range / mse));

    /// <summary>Structural similarity of each pair (Wang et al. 2004, equation 13):
    /// Gaussian window of 11×11 with σ = 1.5, C1 = 0.01², C2 = 0.03² on [0, 1], mean
    /// over channels and over the pixels whose window lies inside.</summary>
    /// <param name="a">[N, C, H, W] in [−1, 1], at least 11×11.</param>
    /// <param name="b">Same shape.</param>
    public static double[] Ssim(Tensor a, Tensor b)
    {
        CheckPair(a, b);
        if (a.dim() != 4 || a.shape[2] < Window || a.shape[3] < Window)
            throw new InvalidDataException(
                $"SSIM needs images [N, C, H, W] of at least {Window}x{Window}, but got "
                + $"[{string.Join(", ", a.shape)}].");
        const double c1 = 0.01 * 0.01, c2 = 0.03 * 0.03;
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor x = Planes(a), y = Planes(b), kernel = Kernel().to(a.device);
        Tensor meanX = Blur(x, kernel), meanY = Blur(y, kernel);
        var varX = Blur(x * x, kernel) - (meanX * meanX);
        var varY = Blur(y * y, kernel) - (meanY * meanY);
        var covariance = Blur(x * y, kernel) - (meanX * meanY);
        var similarity = ((meanX * meanY * 2) + c1) * ((covariance * 2) + c2)
            / (((meanX * meanX) + (meanY * meanY) + c1) * (varX + varY + c2));

        return similarity.reshape(a.shape[0], -1).mean([1L]).Doubles();  // [n·c, 1, h, w] -> [n]
    }

    // Every channel becomes an image of its own, in [0, 1]: [n, c, h, w] -> [n·c, 1, h, w].
    private static Tensor Planes(Tensor images) =>
        (images.to(float64).reshape(-1, 1, images.shape[2], images.shape[3]) + 1) / 2;

    private static Tensor Blur(Tensor planes, Tensor kernel) => nn.functional.conv2d(planes, kernel);

    private static Tensor Kernel()
    {
        var line = new double[Window];
        for (var i = 0; i < Window; i++)
            line[i] = Math.Exp(-Math.Pow((i - (Window / 2)) / WindowSigma, 2) / 2);
        var total = line.Sum();
        var kernel = new double[Window * Window];
        for (var i = 0; i < kernel.Length; i++)
            kernel[i] = line[i / Window] * line[i % Window] / (total * total);

        return tensor(kernel, [1, 1, Window, Window], float64, CPU);
    }

    private static void CheckPair(Tensor a, Tensor b)
    {
        if (!a.shape.SequenceEqual(b.shape))
            throw new InvalidDataException(
                $"a pair needs equal shapes, but they are [{string.Join(", ", a.shape)}] and "
                + $"[{string.Join(", ", b.shape)}].");
    }
}

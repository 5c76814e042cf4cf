using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Mlops.Diffusion.Metrics;

/// <summary>Inception v3 (Szegedy et al. 2016) as the Fréchet inception distance is defined on it: TensorFlow's graph
/// of 2015-12-05 with 1,008 classes, under the tensor names of PyTorch's ports, which are torchvision's. From the
/// network of torchvision it differs in the poolings: averages count no padding, the last block takes a maximum.
/// </summary>
internal sealed class InceptionV3 : FeatureNetwork
{
    /// <summary>A tensor by which its files are known.</summary>
    public const string Mark = "Conv2d_1a_3x3.conv.weight";

    private const long Side = 299;
    private const double NormEps = 1e-3;

    private readonly Func<Tensor, Tensor>[] _stages;

    public InceptionV3(FeatureWeights weights)
        : base("inception-v3-fid/1 pool2048 bilinear299", weights)
    {
        _stages =
        [
            x => Conv(x, "Conv2d_1a_3x3", 32, 3, stride: 2), x => Conv(x, "Conv2d_2a_3x3", 32, 3),
            x => Conv(x, "Conv2d_2b_3x3", 64, 3, pad: true), Shrink,
            x => Conv(x, "Conv2d_3b_1x1", 80), x => Conv(x, "Conv2d_4a_3x3", 192, 3), Shrink,
            x => A(x, "Mixed_5b.", 32), x => A(x, "Mixed_5c.", 64), x => A(x, "Mixed_5d.", 64),
            x => B(x, "Mixed_6a."),
            x => C(x, "Mixed_6b.", 128), x => C(x, "Mixed_6c.", 160), x => C(x, "Mixed_6d.", 160),
            x => C(x, "Mixed_6e.", 192),
            x => D(x, "Mixed_7a."), x => E(x, "Mixed_7b.", Average), x => E(x, "Mixed_7c.", Largest),
            x => x.mean([2L, 3]),
        ];
        // Never run, but it tells this network from the one with ImageNet's 1,000 classes.
        Weight("fc.weight", 1008, 2048);
        Weight("fc.bias", 1008);
    }

    private protected override Tensor Forward(Tensor pictures)
    {
        var x = Resize(pictures, Side, InterpolationMode.Bilinear);
        foreach (var stage in _stages)
        {
            using var before = x;
            using var scope = NewDisposeScope();
            x = scope.MoveToOuter(stage(before));
        }

        return x;
    }

    // Convolution without bias, batch norm by its running moments, ReLU.
    private Tensor Conv(Tensor x, string name, long width, long kernel = 1, long stride = 1, bool pad = false) =>
        Conv(x, name, width, (kernel, kernel), stride, pad);

    private Tensor Conv(
        Tensor x, string name, long width, (long Height, long Width) kernel, long stride = 1, bool pad = true)
    {
        using var scope = NewDisposeScope();
        var weight = Weight($"{name}.conv.weight", width, x.shape[1], kernel.Height, kernel.Width);
        long[] padding = pad ? [kernel.Height / 2, kernel.Width / 2] : [0, 0];
        var scale = Norm("weight") / (Norm("running_var") + NormEps).sqrt();
        var shift = Norm("bias") - (Norm("running_mean") * scale);
        var y = conv2d(x, weight, strides: [stride, stride], padding: padding);
        return scope.MoveToOuter(((y * Channels(scale)) + Channels(shift)).relu());

        Tensor Norm(string tensor) => Weight($"{name}.bn.{tensor}", width);

        Tensor Channels(Tensor values) => values.reshape(1, -1, 1, 1);
    }

    private Tensor A(Tensor x, string m, long pooled) => cat(
        [
            Conv(x, m + "branch1x1", 64),
            Conv(Conv(x, m + "branch5x5_1", 48), m + "branch5x5_2", 64, 5, pad: true),
            Conv(Double(x, m, 64, 96), m + "branch3x3dbl_3", 96, 3, pad: true),
            Conv(Average(x), m + "branch_pool", pooled),
        ], 1);

    private Tensor B(Tensor x, string m) => cat(
        [
            Conv(x, m + "branch3x3", 384, 3, stride: 2),
            Conv(Double(x, m, 64, 96), m + "branch3x3dbl_3", 96, 3, stride: 2),
            Shrink(x),
        ], 1);

    private Tensor C(Tensor x, string m, long width)
    {
        var single = Conv(Conv(x, m + "branch7x7_1", width), m + "branch7x7_2", width, (1, 7));
        var twice = Conv(Conv(x, m + "branch7x7dbl_1", width), m + "branch7x7dbl_2", width, (7, 1));
        twice = Conv(Conv(twice, m + "branch7x7dbl_3", width, (1, 7)), m + "branch7x7dbl_4", width, (7, 1));
        return cat(
            [
                Conv(x, m + "branch1x1", 192), Conv(single, m + "branch7x7_3", 192, (7, 1)),
                Conv(twice, m + "branch7x7dbl_5", 192, (1, 7)), Conv(Average(x), m + "branch_pool", 192),
            ], 1);
    }

    private Tensor D(Tensor x, string m)
    {
        var seven = Conv(Conv(x, m + "branch7x7x3_1", 192), m + "branch7x7x3_2", 192, (1, 7));
        return cat(
            [
                Conv(Conv(x, m + "branch3x3_1", 192), m + "branch3x3_2", 320, 3, stride: 2),
                Conv(Conv(seven, m + "branch7x7x3_3", 192, (7, 1)), m + "branch7x7x3_4", 192, 3, stride: 2),
                Shrink(x),
            ], 1);
    }

    private Tensor E(Tensor x, string m, Func<Tensor, Tensor> pool)
    {
        var single = Conv(x, m + "branch3x3_1", 384);
        var twice = Double(x, m, 448, 384);
        return cat(
            [
                Conv(x, m + "branch1x1", 320),
                Conv(single, m + "branch3x3_2a", 384, (1, 3)), Conv(single, m + "branch3x3_2b", 384, (3, 1)),
                Conv(twice, m + "branch3x3dbl_3a", 384, (1, 3)), Conv(twice, m + "branch3x3dbl_3b", 384, (3, 1)),
                Conv(pool(x), m + "branch_pool", 192),
            ], 1);
    }

    private Tensor Double(Tensor x, string m, long first, long second) =>
        Conv(Conv(x, m + "branch3x3dbl_1", first), m + "branch3x3dbl_2", second, 3, pad: true);

    private static Tensor Average(Tensor x) => avg_pool2d(x, 3, stride: 1, padding: 1, count_include_pad: false);

    private static Tensor Largest(Tensor x) => max_pool2d(x, 3, stride: 1, padding: 1);

    private static Tensor Shrink(Tensor x) => max_pool2d(x, 3, stride: 2);
}

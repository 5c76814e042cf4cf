using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What convolutions share: the weight [out, in / groups, …] and the geometry.</summary>
public abstract class Convolution : nn.Module<Tensor, Tensor>
{
    private Parameter? _weight;
    private Parameter? _bias;

    private protected Convolution(string name, Parameter weight, Parameter? bias, long groups)
        : base(name)
    {
        this.weight = weight;
        this.bias = bias;
        this.groups = groups;
        in_channels = weight.shape[1] * groups;
        out_channels = weight.shape[0];
        kernel_size = weight.shape[2..];
    }

#nullable disable annotations // As in TorchSharp: callers need not prove that a layer has the parameter.
    public Parameter weight
#nullable restore annotations
    {
        get => _weight;
        set => Set(ref _weight, nameof(weight), value);
    }

#nullable disable annotations // As in TorchSharp: callers need not prove that a layer has the parameter.
    public Parameter bias
#nullable restore annotations
    {
        get => _bias;
        set => Set(ref _bias, nameof(bias), value);
    }

    public long in_channels { get; }

    public long out_channels { get; }

    public long[] kernel_size { get; set; }

    public long[] stride { get; set; } = [];

    public long[] padding { get; private protected init; } = [];

    public long[] dilation { get; set; } = [];

    public long groups { get; set; }
}

/// <summary>Convolution of images [N, C, H, W], padded with zeros.</summary>
public sealed class Conv2d : Convolution
{
    internal Conv2d(Parameter weight, Parameter? bias, long[] stride, long[] padding, long[] dilation, long groups)
        : base(nameof(Conv2d), weight, bias, groups)
    {
        this.stride = stride;
        this.padding = padding;
        this.dilation = dilation;
    }

    public override Tensor forward(Tensor input) =>
        nn.functional.conv2d(input, weight!, bias, stride, padding, dilation, groups);
}

using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Normalises groups of channels (Wu and He 2018).</summary>
public sealed class GroupNorm : nn.Module<Tensor, Tensor>
{
    private Parameter? _weight;
    private Parameter? _bias;

    internal GroupNorm(long groups, Parameter? weight, Parameter? bias, double eps)
        : base(nameof(GroupNorm))
    {
        num_groups = groups;
        this.weight = weight;
        this.bias = bias;
        this.eps = eps;
        affine = weight is not null;
    }

    public long num_groups { get; set; }

    public double eps { get; set; }

    public bool affine { get; set; }

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

    public override Tensor forward(Tensor tensor) =>
        nn.functional.group_norm(tensor, num_groups, weight, bias, eps);
}

/// <summary>Normalises the last dimensions (Ba, Kiros and Hinton 2016).</summary>
public sealed class LayerNorm : nn.Module<Tensor, Tensor>
{
    private Parameter? _weight;
    private Parameter? _bias;

    internal LayerNorm(long[] shape, Parameter? weight, Parameter? bias, double eps)
        : base(nameof(LayerNorm))
    {
        normalized_shape = shape;
        this.weight = weight;
        this.bias = bias;
        this.eps = eps;
        elementwise_affine = weight is not null;
    }

    public long[] normalized_shape { get; set; }

    public double eps { get; set; }

    public bool elementwise_affine { get; set; }

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

    public override Tensor forward(Tensor tensor) =>
        nn.functional.layer_norm(tensor, normalized_shape, weight, bias, eps);
}

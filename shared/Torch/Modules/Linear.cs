using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>y = x Wᵀ + b.</summary>
public sealed class Linear : nn.Module<Tensor, Tensor>
{
    private Parameter? _weight;
    private Parameter? _bias;

    internal Linear(Parameter weight, Parameter? bias)
        : base(nameof(Linear))
    {
        this.weight = weight;
        this.bias = bias;
        in_features = weight.shape[1];
        out_features = weight.shape[0];
    }

    public long in_features { get; set; }

    public long out_features { get; set; }

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

    public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, weight!, bias);
}

/// <summary>Looks rows up by number.</summary>
public sealed class Embedding : nn.Module<Tensor, Tensor>
{
    private readonly long _padding;
    private Parameter? _weight;

    internal Embedding(Parameter weight, long? padding)
        : base(nameof(Embedding))
    {
        this.weight = weight;
        _padding = padding ?? -1;
    }

#nullable disable annotations // As in TorchSharp: callers need not prove that a layer has the parameter.
    public Parameter weight
#nullable restore annotations
    {
        get => _weight;
        set => Set(ref _weight, nameof(weight), value);
    }

    public override Tensor forward(Tensor input) => Ops.embedding(weight!, input, _padding);
}

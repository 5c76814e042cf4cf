using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>Two linear layers with a SiLU between them: time features to the vector that every block sees.</summary>
public sealed class TimeEmbedding : NamedModule
{
    internal TimeEmbedding(long features, long width)
        : base(nameof(TimeEmbedding))
    {
        Linear1 = Register("linear_1", nn.Linear(features, width, device: META));
        Linear2 = Register("linear_2", nn.Linear(width, width, device: META));
    }

    public Linear Linear1 { get; }

    public Linear Linear2 { get; }

    /// <summary>[N, features] to [N, width], in the type of the weights.</summary>
    public Tensor Forward(Tensor features)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(
            Linear2.call(nn.functional.silu(Linear1.call(features.to_type(Linear1.weight.dtype)))));
    }
}

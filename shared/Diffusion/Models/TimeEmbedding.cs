using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>Two linear layers with a SiLU between them: time features to the vector that every block sees.</summary>
public sealed class TimeEmbedding : nn.Module
{
    private readonly Func<Tensor, Tensor> _activate;

    internal TimeEmbedding(
        WeightSource source, string name, long inWidth, long width, string activation, Start? start = null)
        : base(nameof(TimeEmbedding))
    {
        _activate = Activation.Of(activation);
        Linear1 = new LinearLayer(source, name + ".linear_1", inWidth, width, start: start);
        Linear2 = new LinearLayer(source, name + ".linear_2", width, width, start: start);
        register_module("linear_1", Linear1);
        register_module("linear_2", Linear2);
    }

    internal LinearLayer Linear1 { get; }

    internal LinearLayer Linear2 { get; }

    /// <summary>[N, features] to [N, width].</summary>
    public Tensor Forward(Tensor features)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Linear2.Forward(_activate(Linear1.Forward(features))));
    }
}

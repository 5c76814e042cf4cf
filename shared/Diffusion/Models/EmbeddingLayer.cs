using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>A table with one learned row per index.</summary>
public sealed class EmbeddingLayer : WeightedLayer
{
    internal EmbeddingLayer(WeightSource source, string name, long rows, long width, double deviation = 1)
        : base("Embedding", source, name, [rows, width], Start.Normal(deviation), null, Start.Zeros)
    {
    }

    /// <summary>Indices [N] (int64) to rows [N, width].</summary>
    public Tensor Forward(Tensor indices) => Weight.index_select(0, indices);
}

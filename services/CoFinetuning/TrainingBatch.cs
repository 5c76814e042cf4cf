using static TorchSharp.torch;

namespace Mlops.CoFinetuning;

/// <summary>Noised images and what the network should say of them.</summary>
/// <param name="Noised">x_t, [N, C, H, W].</param>
/// <param name="Times">What the network is told, [N]: int64, or float32 for flow models.</param>
/// <param name="Rows">Native timestep of each sample, [N], int64: the row of a mask table.</param>
/// <param name="RowValues">The same as numbers.</param>
/// <param name="Labels">[N], int64; null for unconditional models.</param>
/// <param name="Target">Noise, velocity or clean image, [N, C, H, W].</param>
internal sealed record TrainingBatch(
    Tensor Noised, Tensor Times, Tensor Rows, long[] RowValues, Tensor? Labels, Tensor Target)
{
    /// <summary>N.</summary>
    public int Count => RowValues.Length;

    /// <summary>Some of the samples, in the caller's scope.</summary>
    public TrainingBatch Select(long[] samples)
    {
        var index = tensor(samples, [samples.Length], device: Noised.device);
        return new TrainingBatch(
            Noised.index_select(0, index), Times.index_select(0, index), Rows.index_select(0, index),
            [.. samples.Select(sample => RowValues[sample])], Labels?.index_select(0, index),
            Target.index_select(0, index));
    }
}

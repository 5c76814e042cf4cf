using static TorchSharp.torch;

namespace Mlops.Diffusion.Training;

/// <summary>What a network is asked in one step, and what it should answer. The tensors belong to the dispose scope in
/// which the batch was made.</summary>
/// <param name="Noisy">x_t, input of the network [N, C, H, W].</param>
/// <param name="Times">What the network is told [N]; int64, or float32 for flow matching.</param>
/// <param name="Rows">Native timestep of each sample: its row in a table of masks.</param>
/// <param name="Target">Noise, velocity or clean image [N, C, H, W].</param>
/// <param name="Labels">Class labels [N], int64; null for unconditional models.</param>
/// <param name="Weights">Weight of each sample's loss [N]; null for equal weights.</param>
public sealed record TrainingBatch(
    Tensor Noisy, Tensor Times, long[] Rows, Tensor Target, Tensor? Labels = null, Tensor? Weights = null)
{
    /// <summary>N.</summary>
    public int Count => Rows.Length;

    /// <summary>The rows as an index [N], int64, beside the other tensors.</summary>
    public Tensor RowIndex() => tensor(Rows, [Rows.Length], device: Noisy.device);

    /// <summary>Some of the samples, in the caller's dispose scope.</summary>
    public TrainingBatch Select(long[] samples)
    {
        var index = tensor(samples, [samples.Length], device: Noisy.device);
        return new TrainingBatch(
            Noisy.index_select(0, index), Times.index_select(0, index), [.. samples.Select(sample => Rows[sample])],
            Target.index_select(0, index), Labels?.index_select(0, index), Weights?.index_select(0, index));
    }
}

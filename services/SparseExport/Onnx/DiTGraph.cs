using Mlops.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.SparseExport.Onnx;

/// <summary>The forward pass of a <see cref="DiTTransformer2DModel"/>, of which some blocks may be left out.</summary>
/// <param name="run">One entry per block; false leaves it out.</param>
internal sealed class DiTGraph(
    DiTTransformer2DModel network, IReadOnlyList<bool> run, OnnxValue timestep, OnnxValue labels)
{
    private readonly DiTOptions _options = network.Options;
    private readonly OnnxValue _features = timestep.Sinusoids(
        network.Blocks[0].Norm.Embedding.Time.Linear1.weight.shape[1], flipSinToCos: true, shift: 1);

    /// <summary>[n, C, H, W] to [n, C_out, H, W], for the sample size of the configuration.</summary>
    public OnnxValue Predict(OnnxValue sample)
    {
        var (rows, patch) = (_options.SampleSize / _options.PatchSize, _options.PatchSize);
        var positions = tensor(PositionTable.Compute(rows, rows, rows, Width), [1, rows * rows, Width], device: CPU);
        var x = sample.Conv(network.Patches.Projection)                                 // [n, width, R, R]
            .Reshape(0, Width, -1).Transpose(0, 2, 1) + sample.Graph.Constant(positions);   // [n, R·R, width]
        foreach (var block in network.Blocks.Where(block => run[block.Index]))
            x = Block(block, x);
        // The output layer asks the first block's embedder, also where that block is left out.
        var parts = Condition(network.Blocks[0]).Linear(network.FinalModulation).Unsqueeze(1).Chunk(2, axis: 2);
        x = Shifted(x.LayerNorm(Width, AdaptiveNorm.Eps), parts[0], parts[1]).Linear(network.FinalLinear);
        return x.Reshape(0, rows, rows, patch, patch, -1)                               // [n, R, R, p, q, c]
            .Transpose(0, 5, 1, 3, 2, 4)                                                // [n, c, R, p, R, q]
            .Reshape(0, _options.OutChannels, rows * patch, rows * patch);
    }

    private long Width => network.Patches.Projection.weight.shape[0];

    private OnnxValue Block(DiTBlock block, OnnxValue x)
    {
        // Shift, scale and gate of attention, then of the feed-forward part; 6 × [n, 1, C].
        var parts = Condition(block).Linear(block.Norm.Modulation).Unsqueeze(1).Chunk(6, axis: 2);
        var normed = Shifted(x.LayerNorm(Width, AdaptiveNorm.Eps), parts[0], parts[1]);
        x += parts[2] * normed.Attend(block.Attention);
        normed = Shifted(x.LayerNorm(block.FeedNorm, Width, _options.NormEps), parts[3], parts[4]);
        return x + (parts[5] * Feed(block.Feed, normed));
    }

    private OnnxValue Condition(DiTBlock block)
    {
        var embedding = block.Norm.Embedding;
        return (_features.Embed(embedding.Time) + labels.RowsOf(embedding.Labels.Table)).Activate("silu");
    }

    private OnnxValue Feed(FeedForward layer, OnnxValue x)
    {
        var h = x.Linear(layer.Projection);
        if (!layer.IsGated)
            return h.Activate(_options.Activation).Linear(layer.Out);
        var halves = h.Chunk(2, axis: -1);
        return (halves[0] * halves[1].Activate(_options.Activation)).Linear(layer.Out);
    }

    private static OnnxValue Shifted(OnnxValue x, OnnxValue shift, OnnxValue scale) => (x * (scale + 1)) + shift;
}

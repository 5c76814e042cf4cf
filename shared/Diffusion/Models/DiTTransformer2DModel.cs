using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// The diffusion transformer DiT (Peebles and Xie 2023), also used for SiT, with the module tree and tensor names of
/// diffusers' <c>DiTTransformer2DModel</c>. Every block is gateable.
/// </summary>
public sealed class DiTTransformer2DModel : Denoiser
{
    private readonly List<LayerInfo> _layers = [];

    internal DiTTransformer2DModel(ModelConfig config)
        : base(nameof(DiTTransformer2DModel), config)
    {
        Options = DiTOptions.From(config);
        var (width, patch) = (Options.Width, Options.PatchSize);
        Patches = Register("pos_embed", new PatchEmbedding(Options));
        Blocks = Register("transformer_blocks", Enumerable.Range(0, Options.Blocks).Select(i =>
            new DiTBlock($"transformer_blocks.{i}", Options)));
        FinalModulation = Register("proj_out_1", nn.Linear(width, 2 * width, device: META));
        FinalLinear = Register("proj_out_2", nn.Linear(width, patch * patch * Options.OutChannels, device: META));
        NumberLayers();
    }

    /// <summary>The configuration, parsed.</summary>
    public DiTOptions Options { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<LayerInfo> Layers => _layers;

    /// <inheritdoc/>
    public override (long Channels, long Height, long Width) SampleShape =>
        (Options.InChannels, Options.SampleSize, Options.SampleSize);

    /// <inheritdoc/>
    public override int Classes => (int)Options.Classes;

    /// <inheritdoc/>
    public override long? NullLabel => Classes > 0 ? Classes : null;

    public PatchEmbedding Patches { get; }

    public ModuleList<DiTBlock> Blocks { get; }

    public Linear FinalModulation { get; }

    public Linear FinalLinear { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor sample, Tensor timestep, Tensor? labels, LayerControl? control)
    {
        PredictInputs.Check(this, Options.InChannels, Options.PatchSize, sample, labels);
        using var scope = NewDisposeScope();
        var pass = new LayerPass(control, Layers, sample.shape[0]);
        var t = PredictInputs.PerSample(timestep, sample.shape[0]);
        var x = Patches.Forward(sample.to_type(FinalLinear.weight.dtype));
        foreach (var block in Blocks)
            pass.Feature(x = block.Forward(x, t, labels!, pass));
        control?.Features?.ForEach(feature => scope.MoveToOuter(feature));
        // As in diffusers, the output layer asks the first block's embedder once more.
        var condition = nn.functional.silu(Blocks[0].Norm.Embedding.Forward(t, labels!));
        var parts = FinalModulation.call(condition).unsqueeze(1).chunk(2, 2);   // 2 × [N, 1, C]
        x = FinalLinear.call(AdaptiveNorm.Normalize(x, parts[0], parts[1]));
        return scope.MoveToOuter(Unpatch(x, sample).to_type(sample.dtype));
    }

    /// <inheritdoc/>
    protected override void NumberLayers()
    {
        _layers.Clear();
        foreach (var block in Blocks)
        {
            block.Index = LeftOut.Contains(block.Name) ? LayerPass.LeftOut : _layers.Count;
            if (block.Index >= 0)
                _layers.Add(new LayerInfo(block.Index, block.Name, LayerKind.Transformer));
        }
    }

    // [N, R·C, p·q·c] -> [N, c, R·p, C·q]
    private Tensor Unpatch(Tensor x, Tensor sample)
    {
        var (n, p) = (x.shape[0], Options.PatchSize);
        var (rows, columns) = (sample.shape[2] / p, sample.shape[3] / p);
        return x.reshape(n, rows, columns, p, p, -1)            // [N, R, C, p, q, c]
            .permute(0, 5, 1, 3, 2, 4)                          // [N, c, R, p, C, q]
            .reshape(n, -1, rows * p, columns * p);
    }
}

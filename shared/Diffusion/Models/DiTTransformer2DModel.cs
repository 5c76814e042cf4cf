using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// The diffusion transformer DiT (Peebles and Xie 2023), also used for SiT, with the module tree and tensor names of
/// diffusers'
/// <c>DiTTransformer2DModel</c>. Every block is gateable.
/// </summary>
public sealed class DiTTransformer2DModel : Denoiser
{
    private const double FinalNormEps = 1e-6;
    private readonly bool _outline;
    private readonly List<LayerInfo> _layers = [];

    internal DiTTransformer2DModel(ModelConfig config, WeightSource source)
        : base(nameof(DiTTransformer2DModel))
    {
        Config = config;
        Options = DiTOptions.From(config);
        _outline = source is OutlineWeights;
        var (width, patch) = (Options.Width, Options.PatchSize);
        PatchConv = this.Attach("pos_embed.proj", new ConvLayer(source, "pos_embed.proj", Options.InChannels, width,
            patch, patch, start: Start.Xavier(Options.InChannels * patch * patch, width)));
        for (var i = 0; i < Options.Blocks; i++)
            AddBlock(this.Attach($"transformer_blocks.{i}", new DiTBlock(source, $"transformer_blocks.{i}", Options)));
        FinalModulation = this.Attach("proj_out_1",
            new LinearLayer(source, "proj_out_1", width, 2 * width, start: Start.Zeros));
        FinalLinear = this.Attach("proj_out_2",
            new LinearLayer(source, "proj_out_2", width, patch * patch * Options.OutChannels, start: Start.Zeros));
        var grid = Options.SampleSize / patch;
        if (!_outline)
            register_buffer("positions", PositionTable.Of(grid, grid, grid, width), persistent: false);
    }

    /// <inheritdoc/>
    public override ModelConfig Config { get; }

    /// <summary>The configuration, parsed.</summary>
    public DiTOptions Options { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<LayerInfo> Layers => _layers;

    /// <inheritdoc/>
    public override (long Channels, long Height, long Width) SampleShape =>
        (Options.InChannels, Options.SampleSize, Options.SampleSize);

    /// <inheritdoc/>
    public override int Classes => (int)Options.Classes;

    public ConvLayer PatchConv { get; }

    public List<DiTBlock> Blocks { get; } = [];

    public LinearLayer FinalModulation { get; }

    public LinearLayer FinalLinear { get; }

    /// <summary>A freshly initialised network: Xavier weights, adaLN and output at zero, as in the paper.</summary>
    public static DiTTransformer2DModel Create(ModelConfig config, ulong seed)
    {
        using var source = new FreshWeights(seed);
        return new DiTTransformer2DModel(config, source);
    }

    /// <inheritdoc/>
    public override Tensor Predict(Tensor sample, Tensor timestep, Tensor? labels = null, LayerControl? control = null)
    {
        PredictInputs.Check(this, Options.InChannels, Options.PatchSize, sample, labels);
        using var scope = NewDisposeScope();
        var pass = new LayerPass(control, Layers, sample.shape[0]);
        var t = PredictInputs.PerSample(timestep, sample.shape[0]);
        var (rows, columns) = (sample.shape[2] / Options.PatchSize, sample.shape[3] / Options.PatchSize);
        var x = PatchConv.Forward(sample).flatten(2).transpose(1, 2) + Positions(rows, columns, sample);
        foreach (var block in Blocks)
            pass.Feature(x = block.Forward(x, t, labels!, pass));
        control?.Features?.ForEach(feature => scope.MoveToOuter(feature));
        var condition = FinalModulation.Forward(Blocks[0].Condition(t, labels!).silu()).unsqueeze(1).chunk(2, 2);
        x = FinalLinear.Forward(DiTBlock.Modulate(x, FinalNormEps, condition[0], condition[1]));
        return scope.MoveToOuter(Unpatch(x, rows, columns));
    }

    private void AddBlock(DiTBlock block)
    {
        block.Index = _layers.Count;
        _layers.Add(new LayerInfo(block.Index, block.Name, LayerKind.Transformer));
        Blocks.Add(block);
    }

    private Tensor Positions(long rows, long columns, Tensor sample)
    {
        var grid = Options.SampleSize / Options.PatchSize;
        return rows == grid && columns == grid ? get_buffer("positions")
            : PositionTable.Of(rows, columns, grid, Options.Width).to(sample.device);
    }

    private Tensor Unpatch(Tensor x, long rows, long columns)
    {
        var (n, p) = (x.shape[0], Options.PatchSize);
        return x.reshape(n, rows, columns, p, p, -1)            // [N, R, C, p, q, c]
            .permute(0, 5, 1, 3, 2, 4)                          // [N, c, R, p, C, q]
            .reshape(n, -1, rows * p, columns * p);
    }
}

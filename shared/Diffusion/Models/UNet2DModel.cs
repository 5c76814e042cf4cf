using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// The pixel-space UNet of DDPM (Ho et al. 2020) with the options, module tree and tensor names of diffusers'
/// <c>UNet2DModel</c>. Gateable are all attention blocks and all ResNet blocks whose hidden width equals their output
/// width.
/// </summary>
public sealed class UNet2DModel : Denoiser
{
    private readonly List<LayerInfo> _layers = [];
    private readonly FourierLayer? _frequencies;
    private readonly EmbeddingLayer? _timeTable;

    internal UNet2DModel(ModelConfig config, WeightSource source)
        : base(nameof(UNet2DModel))
    {
        Config = config;
        Options = UNet2DOptions.From(config);
        var widths = Options.BlockOutChannels;
        ConvIn = this.Attach("conv_in", new ConvLayer(source, "conv_in", Options.InChannels, widths[0], 3, padding: 1));
        if (Options.TimeEmbeddingType == "fourier")
            _frequencies = this.Attach("time_proj", new FourierLayer(source, "time_proj", widths[0]));
        else if (Options.TimeEmbeddingType == "learned")
            _timeTable = this.Attach("time_proj",
                new EmbeddingLayer(source, "time_proj", Options.TrainTimesteps!.Value, widths[0]));
        var features = _frequencies is null ? widths[0] : 2 * widths[0];
        TimeEmbedding = this.Attach("time_embedding", new TimeEmbedding(
            source, "time_embedding", features, Options.TimeEmbeddingDim, Options.Activation));
        if (Options.ClassEmbedType == "timestep")
            ClassTime = this.Attach("class_embedding", new TimeEmbedding(
                source, "class_embedding", features, Options.TimeEmbeddingDim, "silu"));
        else if (Options.ClassEmbeds is { } classes)
            ClassTable = this.Attach("class_embedding",
                new EmbeddingLayer(source, "class_embedding", classes, Options.TimeEmbeddingDim));
        for (var level = 0; level < widths.Count; level++)
            Down.Add(this.Attach($"down_blocks.{level}", new UNetDownBlock(source, Options, level)));
        Mid = this.Attach("mid_block", new UNetMidBlock(source, Options));
        for (var level = 0; level < widths.Count; level++)
            Up.Add(this.Attach($"up_blocks.{level}", new UNetUpBlock(source, Options, level)));
        NormOut = this.Attach("conv_norm_out",
            new NormLayer(source, "conv_norm_out", Options.NormGroups, widths[0], Options.NormEps));
        ConvOut = this.Attach("conv_out",
            new ConvLayer(source, "conv_out", widths[0], Options.OutChannels, 3, padding: 1));
        NumberLayers();
    }

    /// <inheritdoc/>
    public override ModelConfig Config { get; }

    /// <summary>The configuration, parsed.</summary>
    public UNet2DOptions Options { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<LayerInfo> Layers => _layers;

    /// <inheritdoc/>
    public override (long Channels, long Height, long Width) SampleShape => Options.SampleSize switch
    {
        [var size] => (Options.InChannels, size, size),
        [var height, var width] => (Options.InChannels, height, width),
        _ => throw Config.Wrong("sample_size", "one size or height and width"),
    };

    /// <inheritdoc/>
    public override int Classes => (int)(ClassTable is null ? 0 : Options.ClassEmbeds!.Value);

    public ConvLayer ConvIn { get; }

    public TimeEmbedding TimeEmbedding { get; }

    public EmbeddingLayer? ClassTable { get; }

    public TimeEmbedding? ClassTime { get; }

    public List<UNetDownBlock> Down { get; } = [];

    public UNetMidBlock Mid { get; }

    public List<UNetUpBlock> Up { get; } = [];

    public NormLayer NormOut { get; }

    public ConvLayer ConvOut { get; }

    /// <summary>A freshly initialised network.</summary>
    public static UNet2DModel Create(ModelConfig config, ulong seed)
    {
        using var source = new FreshWeights(seed);
        return new UNet2DModel(config, source);
    }

    /// <inheritdoc/>
    public override Tensor Predict(Tensor sample, Tensor timestep, Tensor? labels = null, LayerControl? control = null)
    {
        PredictInputs.Check(this, Options.InChannels, 1L << (Down.Count - 1), sample, labels);
        using var scope = NewDisposeScope();
        var pass = new LayerPass(control, Layers, sample.shape[0]);
        var activate = Activation.Of(Options.Activation);
        var t = PredictInputs.PerSample(timestep, sample.shape[0]);
        var time = activate(Embed(t, labels));
        var x = ConvIn.Forward(Options.CenterInputSample ? (sample * 2) - 1 : sample);
        var encoder = new Stack<Tensor>([x]);
        foreach (var block in Down)
            pass.Feature(x = block.Forward(x, time, pass, encoder));
        pass.Feature(x = Mid.Forward(x, time, pass));
        foreach (var block in Up)
            pass.Feature(x = block.Forward(x, time, pass, encoder));
        control?.Features?.ForEach(feature => scope.MoveToOuter(feature));
        x = ConvOut.Forward(activate(NormOut.Forward(x)));
        // Score networks in σ divide their output by it.
        return scope.MoveToOuter(_frequencies is null ? x : x / t.reshape(-1, 1, 1, 1));
    }

    private Tensor Embed(Tensor timesteps, Tensor? labels)
    {
        var embedding = TimeEmbedding.Forward(Features(timesteps));
        if (ClassTable is not null)
            return embedding + ClassTable.Forward(labels!);
        if (ClassTime is null)
            return embedding;
        return embedding + ClassTime.Forward(Features(labels ?? throw new ArgumentNullException(
            nameof(labels), "this network embeds its labels as times: pass one for each sample")));
    }

    private Tensor Features(Tensor timesteps) => _frequencies is not null ? _frequencies.Forward(timesteps)
        : _timeTable is not null ? _timeTable.Forward(timesteps.to_type(ScalarType.Int64))
        : Sinusoids.Of(timesteps, Options.BlockOutChannels[0], Options.FlipSinToCos, Options.FreqShift);

    private void NumberLayers()
    {
        foreach (var block in Down)
            Number(block.Resnets, block.Attentions);
        Number(Mid.Resnets[..1], Mid.Attention is null ? [] : [Mid.Attention]);
        Number(Mid.Resnets[1..], []);
        foreach (var block in Up)
            Number(block.Resnets, block.Attentions);
    }

    private void Number(List<ResnetBlock> resnets, List<ImageAttention> attentions)
    {
        for (var i = 0; i < resnets.Count; i++)
        {
            if (resnets[i].Gateable)
                resnets[i].Index = Add(resnets[i].Name, LayerKind.ResNet);
            if (i < attentions.Count)
                attentions[i].Index = Add(attentions[i].Name, LayerKind.Attention);
        }
    }

    private int Add(string name, LayerKind kind)
    {
        _layers.Add(new LayerInfo(_layers.Count, name, kind));
        return _layers.Count - 1;
    }
}

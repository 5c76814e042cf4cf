using TorchSharp.Modules;
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
    private readonly List<CacheableLayer> _cacheable = [];
    private readonly FourierFeatures? _frequencies;
    private readonly Func<Tensor, Tensor> _activate;

    internal UNet2DModel(ModelConfig config)
        : base(nameof(UNet2DModel), config)
    {
        Options = UNet2DOptions.From(config);
        _activate = Activation.Parse(Options.Activation);
        var (widths, timeWidth) = (Options.BlockOutChannels, Options.TimeEmbeddingDim);
        ConvIn = Register("conv_in", nn.Conv2d(Options.InChannels, widths[0], 3, padding: 1, device: META));
        if (Options.TimeEmbeddingType == "fourier")
            _frequencies = Register("time_proj", new FourierFeatures(widths[0]));
        else if (Options.TimeEmbeddingType == "learned")
            TimeTable = Register("time_proj", nn.Embedding(Options.TrainTimesteps!.Value, widths[0], device: META));
        var features = _frequencies is null ? widths[0] : 2 * widths[0];
        TimeEmbedding = Register("time_embedding", new TimeEmbedding(features, timeWidth));
        if (Options.ClassEmbedType == "timestep")
            ClassTime = Register("class_embedding", new TimeEmbedding(features, timeWidth));
        else if (Options.ClassEmbedType is null && Options.ClassEmbeds is { } classes)
            ClassTable = Register("class_embedding", nn.Embedding(classes, timeWidth, device: META));
        var levels = Enumerable.Range(0, widths.Count).ToList();
        Down = Register("down_blocks", levels.Select(level => new UNetDownBlock(Options, level)));
        if (Options.HasMidBlock)
            Mid = Register("mid_block", new UNetMidBlock(Options));
        Up = Register("up_blocks", levels.Select(level => new UNetUpBlock(Options, level)));
        NormOut = Register(
            "conv_norm_out", nn.GroupNorm(Options.GroupsOf(widths[0]), widths[0], Options.NormEps, device: META));
        ConvOut = Register("conv_out", nn.Conv2d(widths[0], Options.OutChannels, 3, padding: 1, device: META));
        NumberLayers();
    }

    /// <summary>The configuration, parsed.</summary>
    public UNet2DOptions Options { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<LayerInfo> Layers => _layers;

    /// <inheritdoc/>
    public override IReadOnlyList<CacheableLayer> Cacheable => _cacheable;

    /// <inheritdoc/>
    public override (long Channels, long Height, long Width) SampleShape => Options.SampleSize switch
    {
        [var size] => (Options.InChannels, size, size),
        [var height, var width] => (Options.InChannels, height, width),
        _ => throw Config.Wrong("sample_size", "one size, or height and width"),
    };

    /// <inheritdoc/>
    public override int Classes => (int)(ClassTable is null ? 0 : Options.ClassEmbeds!.Value);

    public Conv2d ConvIn { get; }

    /// <summary>Learned features of every timestep; null where they are computed.</summary>
    public Embedding? TimeTable { get; }

    public TimeEmbedding TimeEmbedding { get; }

    public Embedding? ClassTable { get; }

    public TimeEmbedding? ClassTime { get; }

    public ModuleList<UNetDownBlock> Down { get; }

    /// <summary>Null where <c>mid_block_type</c> is null.</summary>
    public UNetMidBlock? Mid { get; }

    public ModuleList<UNetUpBlock> Up { get; }

    public GroupNorm NormOut { get; }

    public Conv2d ConvOut { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor sample, Tensor timestep, Tensor? labels, LayerControl? control)
    {
        PredictInputs.Check(this, Options.InChannels, 1L << (Down.Count - 1), sample, labels);
        using var scope = NewDisposeScope();
        var pass = new LayerPass(control, Layers, sample.shape[0]);
        var t = PredictInputs.PerSample(timestep, sample.shape[0]);
        var time = _activate(Embed(t, labels));
        var x = sample.to_type(ConvIn.weight.dtype);
        var image = Options.CenterInputSample ? (x * 2) - 1 : x;
        x = ConvIn.Apply(image);
        var encoder = new Stack<Tensor>([x]);
        foreach (var block in Down)
            pass.Feature(x = block.Forward(x, time, pass, encoder, ref image));
        if (Mid is not null)
            pass.Feature(x = Mid.Forward(x, time, pass));
        image = null;
        foreach (var block in Up)
            pass.Feature(x = block.Forward(x, time, pass, encoder, ref image));
        control?.Features?.ForEach(feature => scope.MoveToOuter(feature));
        // SiLU whatever act_fn says, as in diffusers.
        x = ConvOut.Apply(nn.functional.silu(NormOut.call(x)));
        x = (image is null ? x : x + image).to_type(sample.dtype);
        // Score networks in σ divide their output by it.
        return scope.MoveToOuter(_frequencies is null ? x : x / t.reshape(-1, 1, 1, 1));
    }

    private Tensor Embed(Tensor timesteps, Tensor? labels)
    {
        var embedding = TimeEmbedding.Forward(Features(timesteps));
        if (ClassTable is not null)
            return embedding + ClassTable.call(labels!);
        if (ClassTime is null && Options.ClassEmbedType != "identity")
            return embedding;
        var given = labels ?? throw new ArgumentNullException(
            nameof(labels), $"class_embed_type is {Options.ClassEmbedType}: pass labels, one for each sample");
        return embedding + (ClassTime?.Forward(Features(given)) ?? given.to_type(embedding.dtype));
    }

    private Tensor Features(Tensor timesteps) => _frequencies?.Forward(timesteps)
        ?? TimeTable?.call(timesteps.to_type(ScalarType.Int64))
        ?? Sinusoids.Compute(timesteps, Options.BlockOutChannels[0], Options.FlipSinToCos, Options.FreqShift);

    /// <inheritdoc/>
    protected override void NumberLayers()
    {
        _layers.Clear();
        _cacheable.Clear();
        foreach (var block in Down)
        {
            Number(block.Resnets, block.Attentions);
            AddCacheable(block.Downsampler?.Name ?? block.DownResnet?.Name, isResidual: false);
        }

        if (Mid is not null)
        {
            Number([Mid.Resnets[0]], Mid.Attention is null ? [] : [Mid.Attention]);
            Number([Mid.Resnets[1]], []);
        }

        foreach (var block in Up)
        {
            Number(block.Resnets, block.Attentions);
            AddCacheable(block.Upsampler?.Name ?? block.UpResnet?.Name, isResidual: false);
        }
    }

    private void AddCacheable(string? name, bool isResidual)
    {
        if (name is not null && !LeftOut.Contains(name))
            _cacheable.Add(new(name, isResidual));
    }

    private void Number(IList<ResnetBlock> resnets, IList<ImageAttention> attentions)
    {
        for (var i = 0; i < resnets.Count; i++)
        {
            AddCacheable(resnets[i].Name, isResidual: true);
            if (resnets[i].Gateable)
                resnets[i].Index = Add(resnets[i].Name, LayerKind.ResNet);
            if (attentions.After(i, resnets.Count) is not { } attention)
                continue;
            AddCacheable(attention.Name, isResidual: true);
            attention.Index = Add(attention.Name, LayerKind.Attention);
        }
    }

    private int Add(string name, LayerKind kind)
    {
        if (LeftOut.Contains(name))
            return LayerPass.LeftOut;
        _layers.Add(new LayerInfo(_layers.Count, name, kind));
        return _layers.Count - 1;
    }
}

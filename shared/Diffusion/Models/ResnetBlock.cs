using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// y = (shortcut(x) + conv2(act(norm2(conv1(act(norm1(x))) + time)))) / scale, the residual block of Ho et al. 2020;
/// with scale-shift the time enters as norm2(h)·(1 + s) + b (Dhariwal and Nichol 2021).
/// </summary>
public sealed class ResnetBlock : nn.Module
{
    private readonly Func<Tensor, Tensor> _activate;
    private readonly TimeShift _timeShift;
    private readonly double _outputScale;

    internal ResnetBlock(
        WeightSource source, string name, UNet2DOptions options, ResnetShape shape, double outputScale = 1,
        Resample resample = Resample.None)
        : base(nameof(ResnetBlock))
    {
        (Name, Shape, Resample) = (name, shape, resample);
        (_activate, _timeShift, _outputScale) = (Activation.Of(options.Activation), options.TimeShift, outputScale);
        var (groups, eps, width) = (options.NormGroups, options.NormEps, shape.In);
        var timeWidth = options.TimeShift == TimeShift.ScaleShift ? 2 * shape.Out : shape.Out;
        Norm1 = this.Attach("norm1", new NormLayer(source, name + ".norm1", groups, width, eps));
        Conv1 = this.Attach("conv1", new ConvLayer(source, name + ".conv1", width, shape.Out, 3, padding: 1));
        TimeProjection = this.Attach("time_emb_proj",
            new LinearLayer(source, name + ".time_emb_proj", options.TimeEmbeddingDim, timeWidth));
        Norm2 = this.Attach("norm2", new NormLayer(source, name + ".norm2", groups, shape.Out, eps));
        Conv2 = this.Attach("conv2", new ConvLayer(source, name + ".conv2", shape.Out, shape.Out, 3, padding: 1));
        if (width != shape.Out)
            Shortcut = this.Attach("conv_shortcut",
                new ConvLayer(source, name + ".conv_shortcut", width, shape.Out, 1));
    }

    /// <summary>Path of the module in the network.</summary>
    public string Name { get; }

    /// <summary>Position among the gateable layers; −1 if this block always runs.</summary>
    public int Index { get; internal set; } = -1;

    /// <summary>Whether leaving the block out keeps the width and the size of the feature map.</summary>
    public bool Gateable => Shape.Hidden == Shape.Out && Resample == Resample.None;

    internal ResnetShape Shape { get; }

    internal Resample Resample { get; }

    public NormLayer Norm1 { get; }

    public ConvLayer Conv1 { get; }

    public LinearLayer TimeProjection { get; }

    public NormLayer Norm2 { get; }

    public ConvLayer Conv2 { get; }

    public ConvLayer? Shortcut { get; }

    /// <summary>One block; a skipped one passes x on and ignores the encoder feature.</summary>
    /// <param name="x">Hidden state [N, C, H, W].</param>
    /// <param name="encoder">Encoder feature that an up block concatenates; null elsewhere.</param>
    /// <param name="time">Activated time embedding [N, D].</param>
    /// <param name="pass">Gates and observers.</param>
    internal Tensor Forward(Tensor x, Tensor? encoder, Tensor time, LayerPass pass) =>
        pass.Through(Index, x, Conv2.WeightShape[0], () => Residual(x, encoder, time));

    private Tensor Residual(Tensor x, Tensor? encoder, Tensor time)
    {
        using var scope = NewDisposeScope();
        if (encoder is not null)
            x = cat([x, encoder], 1);
        var h = Resampled(_activate(Norm1.Forward(x)));
        x = Resampled(x);
        h = Conv1.Forward(h);
        var shift = TimeProjection.Forward(time).unsqueeze(-1).unsqueeze(-1);   // [N, C or 2C, 1, 1]
        h = _timeShift == TimeShift.Default ? Norm2.Forward(h + shift) : ScaleShift(Norm2.Forward(h), shift);
        h = Conv2.Forward(_activate(h));
        var y = (Shortcut is null ? x : Shortcut.Forward(x)) + h;
        return scope.MoveToOuter(_outputScale == 1 ? y : y / _outputScale);
    }

    private static Tensor ScaleShift(Tensor h, Tensor scaleAndShift)
    {
        var parts = scaleAndShift.chunk(2, 1);
        return (h * (parts[0] + 1)) + parts[1];
    }

    private Tensor Resampled(Tensor x) => Resample switch
    {
        Resample.Halve => Resampling.Halve(x),
        Resample.Double => Resampling.Double(x),
        _ => x,
    };
}

/// <summary>Widths of one ResNet block.</summary>
/// <param name="Hidden">Channels of the hidden state.</param>
/// <param name="Encoder">Channels of the encoder feature concatenated to it; 0 outside up blocks.</param>
/// <param name="Out">Channels of the result.</param>
internal sealed record ResnetShape(long Hidden, long Encoder, long Out)
{
    public long In => Hidden + Encoder;
}

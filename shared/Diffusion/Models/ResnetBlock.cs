using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// y = (shortcut(x) + conv2(act(norm2(conv1(act(norm1(x))) + time)))) / scale, the residual block of Ho et al. 2020;
/// with scale-shift the time enters as norm2(h)·(1 + s) + b (Dhariwal and Nichol 2021).
/// </summary>
public sealed class ResnetBlock : NamedModule
{
    private readonly Func<Tensor, Tensor> _activate;
    private readonly TimeShift _timeShift;

    internal ResnetBlock(
        string name, UNet2DOptions options, ResnetShape shape, Resample resample = Resample.None)
        : base(nameof(ResnetBlock))
    {
        (Name, Shape, Resample) = (name, shape, resample);
        (_activate, _timeShift) = (Activation.Parse(options.Activation), options.TimeShift);
        var (eps, width) = (options.NormEps, shape.In);
        var timeWidth = options.TimeShift == TimeShift.ScaleShift ? 2 * shape.Out : shape.Out;
        Norm1 = Register("norm1", nn.GroupNorm(shape.Groups, width, eps, device: META));
        Conv1 = Register("conv1", nn.Conv2d(width, shape.Out, 3, padding: 1, device: META));
        TimeProjection = Register("time_emb_proj", nn.Linear(options.TimeEmbeddingDim, timeWidth, device: META));
        Norm2 = Register("norm2", nn.GroupNorm(shape.GroupsOut, shape.Out, eps, device: META));
        Conv2 = Register("conv2", nn.Conv2d(shape.Out, shape.Out, 3, padding: 1, device: META));
        if (width != shape.Out || (shape.Filters && resample != Resample.None))
            Shortcut = Register("conv_shortcut", nn.Conv2d(width, shape.Out, 1, device: META));
    }

    /// <summary>Path of the module in the network.</summary>
    public string Name { get; }

    /// <summary>Position among the gateable layers; −1 if this block always runs, −2 if it never does.</summary>
    public int Index { get; internal set; } = -1;

    /// <summary>Whether leaving the block out keeps the width and the size of the feature map.</summary>
    public bool Gateable => Shape.Hidden == Shape.Out && Resample == Resample.None;

    public ResnetShape Shape { get; }

    public Resample Resample { get; }

    public GroupNorm Norm1 { get; }

    public Conv2d Conv1 { get; }

    public Linear TimeProjection { get; }

    public GroupNorm Norm2 { get; }

    public Conv2d Conv2 { get; }

    public Conv2d? Shortcut { get; }

    /// <summary>One block; a skipped one passes x on and ignores the encoder feature.</summary>
    /// <param name="x">Hidden state [N, C, H, W].</param>
    /// <param name="encoder">Encoder feature that an up block concatenates; null elsewhere.</param>
    /// <param name="time">Activated embedding of time and class [N, D].</param>
    internal Tensor Forward(Tensor x, Tensor? encoder, Tensor time, LayerPass pass) =>
        pass.Cached(Name, () => Bypass(x, encoder), bypass =>
            pass.Through(Index, x, Conv2.weight, rows =>
                Residual(x.At(rows), encoder?.At(rows), time.At(rows), bypass)));

    private Tensor Bypass(Tensor x, Tensor? encoder)
    {
        using var scope = NewDisposeScope();
        x = encoder is null ? x.alias() : cat([x, encoder], 1);
        return scope.MoveToOuter(Shortcut is null ? x : Shortcut.Apply(x));
    }

    private Tensor Residual(Tensor x, Tensor? encoder, Tensor time, Tensor? bypass)
    {
        using var scope = NewDisposeScope();
        if (encoder is not null)
            x = cat([x, encoder], 1);
        var h = Resampled(_activate(Norm1.call(x)));
        x = Resampled(x);
        h = Conv1.Apply(h);
        var shift = TimeProjection.call(time).unsqueeze(-1).unsqueeze(-1);      // [N, C or 2C, 1, 1]
        h = _timeShift == TimeShift.Default ? Norm2.call(h + shift) : ScaleShift(Norm2.call(h), shift);
        h = Conv2.Apply(_activate(h));
        var y = (bypass ?? (Shortcut is null ? x : Shortcut.Apply(x))) + h;
        return scope.MoveToOuter(Shape.Scale == 1 ? y : y / Shape.Scale);
    }

    private static Tensor ScaleShift(Tensor h, Tensor scaleAndShift)
    {
        var parts = scaleAndShift.chunk(2, 1);
        return (h * (parts[0] + 1)) + parts[1];
    }

    private Tensor Resampled(Tensor x) => Resample switch
    {
        Resample.Halve when Shape.Filters => FirFilter.Halve(x),
        Resample.Double when Shape.Filters => FirFilter.Double(x),
        Resample.Halve => nn.functional.avg_pool2d(x, 2, 2),
        Resample.Double => nn.functional.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Nearest),
        _ => x,
    };
}

/// <summary>What a ResNet block does to the size of its feature map.</summary>
public enum Resample
{
    None,
    Halve,
    Double,
}

/// <summary>Widths and norms of one ResNet block.</summary>
/// <param name="Hidden">Channels of the hidden state.</param>
/// <param name="Encoder">Channels of the encoder feature concatenated to it; 0 outside up blocks.</param>
/// <param name="Out">Channels of the result.</param>
/// <param name="Groups">Of the first norm.</param>
/// <param name="GroupsOut">Of the second norm.</param>
/// <param name="Scale">What the sum is divided by.</param>
/// <param name="Filters">Whether a change of size is filtered, and never without a convolution in the shortcut.</param>
public sealed record ResnetShape(
    long Hidden, long Encoder, long Out, long Groups, long GroupsOut, double Scale = 1, bool Filters = false)
{
    public long In => Hidden + Encoder;

    internal bool CanBeNormed => Groups > 0 && GroupsOut > 0 && In % Groups == 0 && Out % GroupsOut == 0;
}

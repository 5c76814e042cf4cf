using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>One level of the encoder: ResNet blocks, attention
/// after each if the type says so, then half the size.</summary>
public sealed class UNetDownBlock : NamedModule
{
    internal UNetDownBlock(UNet2DOptions options, int level)
        : base(nameof(UNetDownBlock))
    {
        var name = $"down_blocks.{level}";
        var type = options.DownBlockTypes[level];
        var width = options.BlockOutChannels[level];
        if (UNet2DOptions.Attends(type))
            Attentions = Register("attentions", Enumerable.Range(0, options.LayersPerBlock).Select(i =>
                new ImageAttention($"{name}.attentions.{i}", options.AttentionOf(width, type), options.NormEps)));
        Resnets = Register("resnets", options.DownShapes(level).Select((shape, i) =>
            new ResnetBlock($"{name}.resnets.{i}", options, shape)));
        if (level == options.BlockOutChannels.Count - 1)
            return;
        var same = options.ResnetOf(type, width, 0, width);
        if (type.IsSkip())
        {
            DownResnet = Register(
                "resnet_down", new ResnetBlock($"{name}.resnet_down", options, same, Resample.Halve));
            FromImage = Register("skip_conv", nn.Conv2d(SkipBlocks.ImageChannels, width, 1, device: META));
        }
        else if (type == "ResnetDownsampleBlock2D" || (Attentions.Count > 0 && options.ResnetDownsampling))
            DownResnet = Register("downsamplers", [new ResnetBlock(
                $"{name}.downsamplers.0", options, same, Resample.Halve)])[0];
        else
            Downsampler = Register("downsamplers", [new Downsampler(
                $"{name}.downsamplers.0", width, options.DownsamplePadding)])[0];
    }

    public ModuleList<ResnetBlock> Resnets { get; }

    public IList<ImageAttention> Attentions { get; } = [];

    /// <summary>Halves the size; null in the last level and where a ResNet block does it.</summary>
    public Downsampler? Downsampler { get; }

    /// <summary>The ResNet block that halves the size.</summary>
    public ResnetBlock? DownResnet { get; }

    /// <summary>Adds the halved image to the features; null outside skip blocks.</summary>
    public Conv2d? FromImage { get; }

    /// <summary>Runs the level and pushes every state that the decoder needs.</summary>
    /// <param name="image">Of the level's size; a skip block halves it with its features.</param>
    internal Tensor Forward(Tensor x, Tensor time, LayerPass pass, Stack<Tensor> encoder, ref Tensor? image)
    {
        using var scope = NewDisposeScope();
        for (var i = 0; i < Resnets.Count; i++)
        {
            x = Resnets[i].Forward(x, null, time, pass);
            if (i < Attentions.Count)
                x = Attentions[i].Forward(x, pass);
            encoder.Push(scope.MoveToOuter(x));
        }
        if (Downsampler is null && DownResnet is null)
            return x;
        x = Downsampler?.Forward(x, pass) ?? DownResnet!.Forward(x, null, time, pass);
        if (FromImage is not null)
            x = FromImage.Apply(image = scope.MoveToOuter(FirFilter.Halve(image!))) + x;
        encoder.Push(scope.MoveToOuter(x));
        return x;
    }
}

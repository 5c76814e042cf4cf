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
        var before = options.BlockOutChannels[Math.Max(level - 1, 0)];
        var attends = type == "AttnDownBlock2D";
        var layers = Enumerable.Range(0, options.LayersPerBlock).ToList();
        if (attends)
            Attentions = Register("attentions", layers.Select(i =>
                new ImageAttention($"{name}.attentions.{i}", options.AttentionOf(width), options.NormEps)));
        Resnets = Register("resnets", layers.Select(i => new ResnetBlock(
            $"{name}.resnets.{i}", options, new ResnetShape(i == 0 ? before : width, 0, width))));
        if (level == options.BlockOutChannels.Count - 1)
            return;
        if (type == "ResnetDownsampleBlock2D" || (attends && options.ResnetDownsampling))
            DownResnet = Register("downsamplers", [new ResnetBlock(
                $"{name}.downsamplers.0", options, new ResnetShape(width, 0, width), resample: Resample.Halve)])[0];
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

    /// <summary>Runs the level and pushes every state that the decoder needs.</summary>
    internal Tensor Forward(Tensor x, Tensor time, LayerPass pass, Stack<Tensor> encoder)
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
        x = scope.MoveToOuter(Downsampler?.Forward(x, pass) ?? DownResnet!.Forward(x, null, time, pass));
        encoder.Push(x);
        return x;
    }
}

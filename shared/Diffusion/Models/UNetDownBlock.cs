using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>One level of the encoder: ResNet blocks, attention after each if the type says so, then half the
/// size.</summary>
public sealed class UNetDownBlock : nn.Module
{
    internal UNetDownBlock(WeightSource source, UNet2DOptions options, int level)
        : base(nameof(UNetDownBlock))
    {
        var name = $"down_blocks.{level}";
        var type = options.DownBlockTypes[level];
        var width = options.BlockOutChannels[level];
        var hidden = options.BlockOutChannels[Math.Max(level - 1, 0)];
        var attention = type == "AttnDownBlock2D"
            ? new AttentionShape(width, options.AttentionHeadDim ?? width, options.NormGroups) : null;
        for (var i = 0; i < options.LayersPerBlock; i++)
        {
            var shape = new ResnetShape(i == 0 ? hidden : width, 0, width);
            Resnets.Add(this.Attach($"resnets.{i}", new ResnetBlock(source, $"{name}.resnets.{i}", options, shape)));
            if (attention is not null)
                Attentions.Add(this.Attach($"attentions.{i}",
                    new ImageAttention(source, $"{name}.attentions.{i}", attention, options.NormEps, 1)));
        }
        if (level == options.BlockOutChannels.Count - 1)
            return;
        if (type == "ResnetDownsampleBlock2D" || (attention is not null && options.ResnetDownsampling))
            DownResnet = this.Attach("downsamplers.0", new ResnetBlock(source, $"{name}.downsamplers.0", options,
                new ResnetShape(width, 0, width), resample: Resample.Halve));
        else
            DownConv = this.Attach("downsamplers.0.conv", new ConvLayer(
                source, $"{name}.downsamplers.0.conv", width, width, 3, 2, options.DownsamplePadding));
    }

    public List<ResnetBlock> Resnets { get; } = [];

    public List<ImageAttention> Attentions { get; } = [];

    /// <summary>The strided convolution that halves the size; null in the last level and where a ResNet block does
    /// it.</summary>
    public ConvLayer? DownConv { get; }

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
        if (DownConv is null && DownResnet is null)
            return x;
        x = scope.MoveToOuter(DownResnet is null ? Halved(x) : DownResnet.Forward(x, null, time, pass));
        encoder.Push(x);
        return x;
    }

    // Without padding of its own the convolution gets one row below and one column to the right.
    private Tensor Halved(Tensor x) =>
        DownConv!.Forward(DownConv.Padding == 0 ? nn.functional.pad(x, [0, 1, 0, 1]) : x);
}

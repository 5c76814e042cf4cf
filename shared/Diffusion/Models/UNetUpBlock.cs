using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// One level of the decoder: ResNet blocks on the hidden state joined with encoder features, attention after each if
/// the type says so, then twice the size.
/// </summary>
public sealed class UNetUpBlock : nn.Module
{
    internal UNetUpBlock(WeightSource source, UNet2DOptions options, int level)
        : base(nameof(UNetUpBlock))
    {
        var name = $"up_blocks.{level}";
        var type = options.UpBlockTypes[level];
        var widths = options.BlockOutChannels.Reverse().ToList();
        var width = widths[level];
        var layers = options.LayersPerBlock + 1;
        var attention = type == "AttnUpBlock2D"
            ? new AttentionShape(width, options.AttentionHeadDim ?? width, options.NormGroups) : null;
        for (var i = 0; i < layers; i++)
        {
            var hidden = i == 0 ? widths[Math.Max(level - 1, 0)] : width;
            var encoder = i == layers - 1 ? widths[Math.Min(level + 1, widths.Count - 1)] : width;
            Resnets.Add(this.Attach($"resnets.{i}", new ResnetBlock(
                source, $"{name}.resnets.{i}", options, new ResnetShape(hidden, encoder, width))));
            if (attention is not null)
                Attentions.Add(this.Attach($"attentions.{i}",
                    new ImageAttention(source, $"{name}.attentions.{i}", attention, options.NormEps, 1)));
        }
        if (level == widths.Count - 1)
            return;
        if (type == "ResnetUpsampleBlock2D" || (attention is not null && options.ResnetUpsampling))
            UpResnet = this.Attach("upsamplers.0", new ResnetBlock(source, $"{name}.upsamplers.0", options,
                new ResnetShape(width, 0, width), resample: Resample.Double));
        else
            UpConv = this.Attach("upsamplers.0.conv",
                new ConvLayer(source, $"{name}.upsamplers.0.conv", width, width, 3, padding: 1));
    }

    public List<ResnetBlock> Resnets { get; } = [];

    public List<ImageAttention> Attentions { get; } = [];

    /// <summary>The convolution behind the doubling; null in the last level and where a ResNet block does it.</summary>
    public ConvLayer? UpConv { get; }

    /// <summary>The ResNet block that doubles the size.</summary>
    public ResnetBlock? UpResnet { get; }

    /// <summary>Runs the level. Every block takes its encoder feature off the stack, also one that is
    /// skipped.</summary>
    internal Tensor Forward(Tensor x, Tensor time, LayerPass pass, Stack<Tensor> encoder)
    {
        using var scope = NewDisposeScope();
        for (var i = 0; i < Resnets.Count; i++)
        {
            x = Resnets[i].Forward(x, encoder.Pop(), time, pass);
            if (i < Attentions.Count)
                x = Attentions[i].Forward(x, pass);
        }
        if (UpConv is not null)
            x = UpConv.Forward(Resampling.Double(x));
        else if (UpResnet is not null)
            x = UpResnet.Forward(x, null, time, pass);
        return scope.MoveToOuter(x);
    }
}

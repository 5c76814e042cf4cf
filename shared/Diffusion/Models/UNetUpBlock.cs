using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// One level of the decoder: ResNet blocks on the hidden state joined with encoder features, attention after each if
/// the type says so, then twice the size.
/// </summary>
public sealed class UNetUpBlock : NamedModule
{
    internal UNetUpBlock(UNet2DOptions options, int level)
        : base(nameof(UNetUpBlock))
    {
        var name = $"up_blocks.{level}";
        var type = options.UpBlockTypes[level];
        var widths = options.BlockOutChannels.Reverse().ToList();
        var width = widths[level];
        var attends = type == "AttnUpBlock2D";
        var layers = Enumerable.Range(0, options.LayersPerBlock + 1).ToList();
        if (attends)
            Attentions = Register("attentions", layers.Select(i =>
                new ImageAttention($"{name}.attentions.{i}", options.AttentionOf(width), options.NormEps)));
        Resnets = Register("resnets", layers.Select(i =>
            new ResnetBlock($"{name}.resnets.{i}", options, new ResnetShape(
                Hidden: i == 0 ? widths[Math.Max(level - 1, 0)] : width,
                Encoder: i == layers.Count - 1 ? widths[Math.Min(level + 1, widths.Count - 1)] : width,
                Out: width))));
        if (level == widths.Count - 1)
            return;
        if (type == "ResnetUpsampleBlock2D" || (attends && options.ResnetUpsampling))
            UpResnet = Register("upsamplers", [new ResnetBlock(
                $"{name}.upsamplers.0", options, new ResnetShape(width, 0, width), resample: Resample.Double)])[0];
        else
            Upsampler = Register("upsamplers", [new Upsampler($"{name}.upsamplers.0", width)])[0];
    }

    public ModuleList<ResnetBlock> Resnets { get; }

    public IList<ImageAttention> Attentions { get; } = [];

    /// <summary>Doubles the size; null in the last level and where a ResNet block does it.</summary>
    public Upsampler? Upsampler { get; }

    /// <summary>The ResNet block that doubles the size.</summary>
    public ResnetBlock? UpResnet { get; }

    /// <summary>Runs the level. Every block takes its encoder feature
    /// off the stack, also one that is skipped.</summary>
    internal Tensor Forward(Tensor x, Tensor time, LayerPass pass, Stack<Tensor> encoder)
    {
        using var scope = NewDisposeScope();
        for (var i = 0; i < Resnets.Count; i++)
        {
            x = Resnets[i].Forward(x, encoder.Pop(), time, pass);
            if (i < Attentions.Count)
                x = Attentions[i].Forward(x, pass);
        }
        x = Upsampler?.Forward(x, pass) ?? UpResnet?.Forward(x, null, time, pass) ?? x;
        return scope.MoveToOuter(x);
    }
}

using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>The middle of the network: ResNet, attention, ResNet at the smallest size.</summary>
public sealed class UNetMidBlock : NamedModule
{
    internal UNetMidBlock(UNet2DOptions options)
        : base(nameof(UNetMidBlock))
    {
        var width = options.BlockOutChannels[^1];
        // Scale-shift networks have no norm before this attention unless the configuration names one.
        var shape = options.AttentionOf(width);
        var groups = options.AttentionNormGroups
            ?? (options.TimeShift == TimeShift.Default ? shape.NormGroups : null);
        if (options.AddAttention)
            Attention = Register("attentions", [new ImageAttention("mid_block.attentions.0",
                shape with { NormGroups = groups }, options.NormEps)])[0];
        Resnets = Register("resnets", Enumerable.Range(0, 2).Select(i => new ResnetBlock(
            $"mid_block.resnets.{i}", options, new ResnetShape(
                width, 0, width, options.GroupsOf(width), options.GroupsOf(width), options.MidBlockScaleFactor))));
    }

    public ModuleList<ResnetBlock> Resnets { get; }

    public ImageAttention? Attention { get; }

    internal Tensor Forward(Tensor x, Tensor time, LayerPass pass)
    {
        using var scope = NewDisposeScope();
        x = Resnets[0].Forward(x, null, time, pass);
        if (Attention is not null)
            x = Attention.Forward(x, pass);
        return scope.MoveToOuter(Resnets[1].Forward(x, null, time, pass));
    }
}

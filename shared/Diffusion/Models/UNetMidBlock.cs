using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>The middle of the network: ResNet, attention, ResNet at the smallest size.</summary>
public sealed class UNetMidBlock : nn.Module
{
    internal UNetMidBlock(WeightSource source, UNet2DOptions options)
        : base(nameof(UNetMidBlock))
    {
        var width = options.BlockOutChannels[^1];
        var scale = options.MidBlockScaleFactor;
        // Scale-shift networks have no norm before this attention unless the configuration names one.
        var groups = options.AttentionNormGroups
            ?? (options.TimeShift == TimeShift.Default ? options.NormGroups : null);
        for (var i = 0; i < 2; i++)
            Resnets.Add(this.Attach($"resnets.{i}", new ResnetBlock(
                source, $"mid_block.resnets.{i}", options, new ResnetShape(width, 0, width), scale)));
        if (options.AddAttention)
            Attention = this.Attach("attentions.0", new ImageAttention(source, "mid_block.attentions.0",
                new AttentionShape(width, options.AttentionHeadDim ?? width, groups), options.NormEps, scale));
    }

    public List<ResnetBlock> Resnets { get; } = [];

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

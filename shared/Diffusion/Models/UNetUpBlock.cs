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
        var width = options.BlockOutChannels[^(level + 1)];
        DoublesImage = type.IsSkip();
        if (UNet2DOptions.Attends(type))
            Attentions = Register("attentions", Enumerable.Range(0, DoublesImage ? 1 : options.LayersPerBlock + 1)
                .Select(i => new ImageAttention(
                    $"{name}.attentions.{i}", options.AttentionOf(width, type), options.NormEps)));
        Resnets = Register("resnets", options.UpShapes(level).Select((shape, i) =>
            new ResnetBlock($"{name}.resnets.{i}", options, shape)));
        if (level == options.BlockOutChannels.Count - 1)
            return;
        var same = options.ResnetOf(type, width, 0, width);
        if (DoublesImage)
        {
            UpResnet = Register("resnet_up", new ResnetBlock($"{name}.resnet_up", options, same, Resample.Double));
            ImageNorm = Register(
                "skip_norm", nn.GroupNorm(same.GroupsOut, width, options.NormEps, device: META));
            ToImage = Register(
                "skip_conv", nn.Conv2d(width, SkipBlocks.ImageChannels, 3, padding: 1, device: META));
        }
        else if (type == "ResnetUpsampleBlock2D" || (Attentions.Count > 0 && options.ResnetUpsampling))
            UpResnet = Register("upsamplers", [new ResnetBlock(
                $"{name}.upsamplers.0", options, same, Resample.Double)])[0];
        else
            Upsampler = Register("upsamplers", [new Upsampler($"{name}.upsamplers.0", width)])[0];
    }

    public ModuleList<ResnetBlock> Resnets { get; }

    public IList<ImageAttention> Attentions { get; } = [];

    /// <summary>Doubles the size; null in the last level and where a ResNet block does it.</summary>
    public Upsampler? Upsampler { get; }

    /// <summary>The ResNet block that doubles the size.</summary>
    public ResnetBlock? UpResnet { get; }

    /// <summary>Whether this is a skip block.</summary>
    public bool DoublesImage { get; }

    /// <summary>The norm in front of <see cref="ToImage"/>.</summary>
    public GroupNorm? ImageNorm { get; }

    /// <summary>Adds the features, normed and activated, to the image; null outside skip blocks.</summary>
    public Conv2d? ToImage { get; }

    /// <summary>Runs the level. Every block takes its encoder feature
    /// off the stack, also one that is skipped.</summary>
    /// <param name="image">What skip blocks have added up so far, which they double with their features.</param>
    internal Tensor Forward(Tensor x, Tensor time, LayerPass pass, Stack<Tensor> encoder, ref Tensor? image)
    {
        using var scope = NewDisposeScope();
        for (var i = 0; i < Resnets.Count; i++)
        {
            x = Resnets[i].Forward(x, encoder.Pop(), time, pass);
            x = Attentions.After(i, Resnets.Count)?.Forward(x, pass) ?? x;
        }
        if (DoublesImage && image is not null)
            image = scope.MoveToOuter(FirFilter.Double(image));
        // SiLU whatever act_fn says, as in diffusers.
        if (ToImage?.Apply(nn.functional.silu(ImageNorm!.call(x))) is { } added)
            image = scope.MoveToOuter(image is null ? added : image + added);
        x = Upsampler?.Forward(x, pass) ?? UpResnet?.Forward(x, null, time, pass) ?? x;
        return scope.MoveToOuter(x);
    }
}

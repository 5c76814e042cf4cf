using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>A transformer block with adaLN-Zero (Peebles and Xie 2023, figure 3): x + gate·attend(norm(x)), then
/// x + gate·feed(norm(x)).</summary>
public sealed class DiTBlock : NamedModule
{
    // Roots of the block's channel groups.
    private readonly string _heads, _neurons;

    internal DiTBlock(string name, DiTOptions options)
        : base(nameof(DiTBlock))
    {
        var width = options.Width;
        Name = name;
        (_heads, _neurons) = ($"{name}.attn1.to_v", $"{name}.ff.net.0.proj");
        Norm = Register("norm1", new AdaptiveNorm(options.Classes, width));
        Attention = Register(
            "attn1", new AttentionLayer(width, options.Heads, options.HeadWidth, options.AttentionBias));
        FeedNorm = Register("norm3", nn.LayerNorm(width, options.NormEps, options.AffineNorm, device: META));
        Feed = Register("ff", new FeedForward(width, options.Activation));
    }

    /// <summary>Path of the module in the network.</summary>
    public string Name { get; }

    /// <summary>Position among the gateable layers; −2 if it is left out for good.</summary>
    public int Index { get; internal set; } = -1;

    public AdaptiveNorm Norm { get; }

    public AttentionLayer Attention { get; }

    /// <summary>The norm before the feed-forward part; it has weights
    /// where <c>norm_elementwise_affine</c> is on.</summary>
    public LayerNorm FeedNorm { get; }

    public FeedForward Feed { get; }

    internal Tensor Forward(Tensor tokens, Tensor timesteps, Tensor labels, LayerPass pass) =>
        pass.Cached(Name, tokens.alias, _ =>
            pass.Through(Index, tokens, Feed.Out.weight, rows =>
                Transform(tokens.At(rows), timesteps.At(rows), labels.At(rows), pass)));

    private Tensor Transform(Tensor x, Tensor timesteps, Tensor labels, LayerPass pass)
    {
        using var scope = NewDisposeScope();
        var parts = Norm.Modulate(timesteps, labels);
        var (shift, scale, gate) = (parts[0], parts[1], parts[2]);
        var attended = Attention.Attend(AdaptiveNorm.Normalize(x, shift, scale), pass.Kept(_heads));
        x = AdaptiveNorm.Gated(x, gate, attended);
        (shift, scale, gate) = (parts[3], parts[4], parts[5]);
        var normed = AdaptiveNorm.Shifted(FeedNorm.call(x), shift, scale);
        return scope.MoveToOuter(AdaptiveNorm.Gated(x, gate, Feed.Forward(normed, pass.Kept(_neurons))));
    }
}

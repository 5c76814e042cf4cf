using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// A transformer block with adaLN-Zero (Peebles and Xie 2023, section 3.2): shift, scale and gate of both halves come
/// from time and label.
/// </summary>
public sealed class DiTBlock : nn.Module
{
    private const double AdaptiveNormEps = 1e-6;    // fixed in diffusers' AdaLayerNormZero
    private const long TimeFeatureCount = 256;
    private readonly double _normEps;
    private readonly Func<Tensor, Tensor> _activate;
    private readonly bool _gatedUnit;

    internal DiTBlock(WeightSource source, string name, DiTOptions options)
        : base(nameof(DiTBlock))
    {
        var width = options.Width;
        (Name, _normEps, _gatedUnit) = (name, options.NormEps, options.Activation == "geglu");
        _activate = Activation.Of(_gatedUnit ? "gelu" : options.Activation);
        var normal = Start.Normal(0.02);
        TimeEmbedding = this.Attach("norm1.emb.timestep_embedder", new TimeEmbedding(
            source, $"{name}.norm1.emb.timestep_embedder", TimeFeatureCount, width, "silu", normal));
        const string Table = "norm1.emb.class_embedder.embedding_table";
        // One more row than classes: the null label of classifier-free guidance.
        ClassTable = this.Attach(Table,
            new EmbeddingLayer(source, $"{name}.{Table}", options.Classes + 1, width, 0.02));
        Modulation = this.Attach("norm1.linear",
            new LinearLayer(source, $"{name}.norm1.linear", width, 6 * width, start: Start.Zeros));
        Attention = this.Attach("attn1", new AttentionLayer(source, $"{name}.attn1", width, options.Heads,
            options.HeadWidth, options.AttentionBias, Start.Xavier(width, width)));
        var inner = 4 * width * (_gatedUnit ? 2 : 1);
        FeedIn = this.Attach("ff.net.0.proj",
            new LinearLayer(source, $"{name}.ff.net.0.proj", width, inner, start: Start.Xavier(width, inner)));
        FeedOut = this.Attach("ff.net.2",
            new LinearLayer(source, $"{name}.ff.net.2", 4 * width, width, start: Start.Xavier(4 * width, width)));
    }

    /// <summary>Path of the module in the network.</summary>
    public string Name { get; }

    /// <summary>Position among the gateable layers.</summary>
    public int Index { get; internal set; } = -1;

    public TimeEmbedding TimeEmbedding { get; }

    public EmbeddingLayer ClassTable { get; }

    public LinearLayer Modulation { get; }

    public AttentionLayer Attention { get; }

    public LinearLayer FeedIn { get; }

    public LinearLayer FeedOut { get; }

    /// <summary>Time and label as one vector [N, C].</summary>
    internal Tensor Condition(Tensor timesteps, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var features = Sinusoids.Of(timesteps, TimeFeatureCount, flipSinToCos: true, shift: 1);
        return scope.MoveToOuter(TimeEmbedding.Forward(features) + ClassTable.Forward(labels));
    }

    internal Tensor Forward(Tensor tokens, Tensor timesteps, Tensor labels, LayerPass pass) =>
        pass.Through(Index, tokens, tokens.shape[2], () => Transform(tokens, timesteps, labels));

    private Tensor Transform(Tensor x, Tensor timesteps, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var condition = Modulation.Forward(Condition(timesteps, labels).silu());
        var parts = condition.unsqueeze(1).chunk(6, 2);                         // 6 × [N, 1, C]
        var (shift, scale, gate) = (parts[0], parts[1], parts[2]);
        x = x + (gate * Attention.Attend(Modulate(x, AdaptiveNormEps, shift, scale)));
        (shift, scale, gate) = (parts[3], parts[4], parts[5]);
        return scope.MoveToOuter(x + (gate * Feed(Modulate(x, _normEps, shift, scale))));
    }

    internal static Tensor Modulate(Tensor x, double eps, Tensor shift, Tensor scale) =>
        (nn.functional.layer_norm(x, [x.shape[^1]], eps: eps) * (scale + 1)) + shift;

    private Tensor Feed(Tensor x)
    {
        var h = FeedIn.Forward(x);
        if (!_gatedUnit)
            return FeedOut.Forward(_activate(h));
        var halves = h.chunk(2, -1);
        return FeedOut.Forward(halves[0] * _activate(halves[1]));
    }
}

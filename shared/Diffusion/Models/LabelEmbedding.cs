using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>A learned vector per class, and one more for the null label of classifier-free guidance.</summary>
public sealed class LabelEmbedding : NamedModule
{
    internal LabelEmbedding(long classes, long width)
        : base(nameof(LabelEmbedding)) =>
        Table = Register("embedding_table", nn.Embedding(classes + 1, width, device: META));

    public Embedding Table { get; }
}

/// <summary>Time and label as one vector.</summary>
public sealed class TimeLabelEmbedding : NamedModule
{
    private const long TimeFeatures = 256;

    internal TimeLabelEmbedding(long classes, long width)
        : base(nameof(TimeLabelEmbedding))
    {
        Time = Register("timestep_embedder", new TimeEmbedding(TimeFeatures, width));
        Labels = Register("class_embedder", new LabelEmbedding(classes, width));
    }

    public TimeEmbedding Time { get; }

    public LabelEmbedding Labels { get; }

    /// <summary>Native timesteps [N] and labels [N] to [N, width].</summary>
    internal Tensor Forward(Tensor timesteps, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var features = Sinusoids.Compute(timesteps, TimeFeatures, flipSinToCos: true, shift: 1);
        return scope.MoveToOuter(Time.Forward(features) + Labels.Table.call(labels));
    }
}

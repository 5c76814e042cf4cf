namespace Mlops.Diffusion.Models;

/// <summary>Builds the network that a configuration names.</summary>
public static class ModelFamily
{
    /// <summary>A freshly initialised network; equal seeds give equal weights.</summary>
    public static Denoiser Create(ModelConfig config, ulong seed)
    {
        using var source = new FreshWeights(seed);
        return Build(config, source);
    }

    /// <summary>A network of shapes without weights: it can be counted and compared with files, not run.</summary>
    public static Denoiser Outline(ModelConfig config) => Build(config, new OutlineWeights());

    /// <summary>A second network with the same weights, sliced ones included.</summary>
    public static Denoiser Clone(Denoiser model)
    {
        var weights = model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        var clone = Build(model.Config, new CopiedWeights(weights));
        SlicedShapes.Of(model).ApplyTo(clone);
        return clone;
    }

    internal static Denoiser Build(ModelConfig config, WeightSource source) => config.ClassName switch
    {
        "UNet2DModel" => new UNet2DModel(config, source),
        "DiTTransformer2DModel" or "Transformer2DModel" => new DiTTransformer2DModel(config, source),
        _ => throw config.Wrong("_class_name", string.Join(" or ", ModelConfig.SupportedClasses)),
    };
}

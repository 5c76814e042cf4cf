using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>Builds the network that a configuration names.</summary>
public static class ModelFamily
{
    /// <summary>A freshly initialized network; equal seeds give equal weights, on every device.</summary>
    public static Denoiser Create(ModelConfig config, ulong seed, Device? device = null)
    {
        var model = ShapeOnly(config);
        FreshWeights.Draw(model, seed, device ?? CPU);
        return model;
    }

    /// <summary>A network of shapes without weights: it can be counted and compared with files, not run.</summary>
    public static Denoiser ShapeOnly(ModelConfig config) => config.ClassName switch
    {
        "UNet2DModel" => new UNet2DModel(config),
        "DiTTransformer2DModel" or "Transformer2DModel" => new DiTTransformer2DModel(config),
        _ => throw config.Wrong("_class_name", string.Join(" or ", ModelConfig.SupportedClasses)),
    };

    /// <summary>A second network with the same weights and layers, sliced ones included.</summary>
    public static Denoiser Clone(Denoiser model)
    {
        var clone = ShapeOnly(model.Config);
        clone.CopyFrom(model);
        SlicedShapes.Of(model).ApplyTo(clone);
        clone.LeaveOut(model.LeftOut);
        clone.Routing = model.Routing;
        return clone;
    }
}

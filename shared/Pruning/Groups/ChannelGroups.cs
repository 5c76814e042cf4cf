using Mlops.Diffusion.Models;
using TorchSharp.Modules;

namespace Mlops.Pruning.Groups;

/// <summary>The channel groups of a live model.</summary>
public static class ChannelGroups
{
    /// <summary>All groups in the order in which they are pruned.</summary>
    /// <exception cref="InvalidDataException">The model's class or one
    /// of its layers is not known to channel pruning.</exception>
    public static IReadOnlyList<ChannelGroup> Of(Denoiser model)
    {
        var network = ShapeOf(model);
        return model switch
        {
            UNet2DModel => GroupFinder.Find(UNetGraph.Trace(network), network),
            DiTTransformer2DModel => TransformerGroups.Find(network),
            _ => throw new InvalidDataException(
                $"channels of '{model.Config.ClassName}' cannot be pruned; choose a method that drops layers"),
        };
    }

    private static NetworkShape ShapeOf(Denoiser model)
    {
        var shapes = model.Shapes().ToDictionary(
            entry => entry.Key, entry => (IReadOnlyList<long>)entry.Value, StringComparer.Ordinal);
        var modules = model.named_modules().ToDictionary(
            entry => entry.name, entry => entry.module, StringComparer.Ordinal);
        return new NetworkShape(
            shapes, name => (int)((GroupNorm)modules[name]).num_groups,
            name => HeadsNow((AttentionLayer)modules[name]));
    }

    /// <summary>Whole heads leave a DiT, whose heads so keep their width; a UNet's heads keep their number.</summary>
    private static int HeadsNow(AttentionLayer attention)
    {
        if (attention.HeadWidths is { } widths)
            return widths.Count;

        var rows = attention.ToQ.weight.shape[0];
        return attention.Heads == 1 || rows % attention.HeadWidth != 0
            ? (int)attention.Heads
            : (int)(rows / attention.HeadWidth);
    }
}

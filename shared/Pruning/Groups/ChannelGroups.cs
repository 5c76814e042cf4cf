using Mlops.Diffusion.Models;
using Mlops.Pruning.Plans;
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

    /// <summary>Layers that a plan never runs, and how many channels of a sliced UNet's decoder go past each: their own
    /// weights, which are not there, no longer say it.</summary>
    public static IReadOnlyDictionary<string, int> PassedWidths(Denoiser model, PruningPlan plan)
    {
        if (model is not UNet2DModel || plan.NeverRun.Count == 0 || plan.Variants[0].Keep.Count == 0)
            return new Dictionary<string, int>();
        return UNetGraph.PassedWidths(ShapeOf(model) with
        {
            LeftOut = plan.NeverRun.ToHashSet(StringComparer.Ordinal),
        });
    }

    private static NetworkShape ShapeOf(Denoiser model)
    {
        var shapes = model.Shapes().ToDictionary(
            entry => entry.Key, entry => (IReadOnlyList<long>)entry.Value, StringComparer.Ordinal);
        var modules = model.named_modules().ToDictionary(
            entry => entry.name, entry => entry.module, StringComparer.Ordinal);
        return new NetworkShape(
            shapes, name => (int)((GroupNorm)modules[name]).num_groups,
            name => HeadsNow((AttentionLayer)modules[name]))
        {
            LeftOut = model.LeftOut,
            Bypassed = model.Layers.Where(layer => model.Routing?.Share(layer.Index, 0, model.Routing.Timesteps) < 1)
                .Select(layer => layer.Name).ToHashSet(StringComparer.Ordinal),
        };
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

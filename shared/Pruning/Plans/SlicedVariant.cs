using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.Pruning.Groups;

namespace Mlops.Pruning.Plans;

/// <summary>The channels that a variant keeps of a network, which may be whole or cut to them already.</summary>
public static class SlicedVariant
{
    private static readonly IReadOnlyDictionary<string, IReadOnlyList<long>> Nothing =
        new Dictionary<string, IReadOnlyList<long>>();

    /// <summary>Roots of the groups that are wider than the variant keeps them, and the channels it keeps. A UNet is
    /// taken to be cut already.</summary>
    /// <exception cref="InvalidDataException">The plan names a group or channel that the network does not have, or a
    /// part of a head.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<long>> Left(Denoiser network, PlanVariant variant)
    {
        if (variant.Keep.Count == 0 || network is not DiTTransformer2DModel)
            return Nothing;
        var groups = ChannelGroups.Of(network).ToDictionary(group => group.Root, StringComparer.Ordinal);
        var left = new Dictionary<string, IReadOnlyList<long>>();
        foreach (var (root, channels) in variant.Keep)
            if (!groups.TryGetValue(root, out var group) || !IsWhole(group, channels))
                throw new InvalidDataException(
                    $"the pruning plan keeps channels of '{root}' that are not whole heads or neurons of this model; "
                    + "use the plan with the model it was made for");
            else if (channels.Count < group.Width)
                left[root] = channels;
        return left;
    }

    /// <summary>MACs of one sample's forward pass.</summary>
    /// <param name="network">Dense, or cut as the variant says.</param>
    public static long Macs(Denoiser network, PlanVariant variant)
    {
        using var cut = Shapes(network, variant);
        return MacCounter.Count(cut ?? network, run: variant.RunMask(network.Layers)).Macs;
    }

    /// <summary>Shapes of what the variant leaves of a network; null where nothing is to be cut.</summary>
    public static Denoiser? Shapes(Denoiser network, PlanVariant variant) => Left(network, variant).Count == 0
        ? null
        : Cut(ModelFamily.ShapeOnly(network.Config), variant);

    /// <summary>A copy of the network that is cut to a variant and has its weights; null where the network itself is.
    /// </summary>
    /// <param name="packs">Of the plan.</param>
    public static Denoiser? Copy(Denoiser network, PlanVariant variant, WeightPacks? packs = null)
    {
        if (Left(network, variant).Count == 0 && variant.Pack is null)
            return null;
        var copy = Cut(ModelFamily.Clone(network), variant);
        if (variant.Pack is { } pack)
            Replace(copy, packs!.Read(pack));
        return copy;
    }

    /// <summary>Puts tensors, by parameter name, in the place of weights.</summary>
    public static void Replace(Denoiser network, IReadOnlyDictionary<string, TorchSharp.torch.Tensor> tensors) =>
        network.SetAll((name, _) => tensors.GetValueOrDefault(name));

    /// <summary>Cuts a network in place, if it is not cut already.</summary>
    public static Denoiser Cut(Denoiser network, PlanVariant variant)
    {
        if (Left(network, variant) is { Count: > 0 } left)
        {
            using var slicer = NetworkSlicer.OfShapes(network);
            slicer.Keep(left);
            slicer.ApplyTo(network);
        }

        return network;
    }

    private static bool IsWhole(ChannelGroup group, IReadOnlyList<long> channels) =>
        channels.Count == group.Width
        || (channels[^1] < group.Width && channels.Count % group.UnitSize == 0
            && channels.Select((channel, at) => channel % group.UnitSize == at % group.UnitSize).All(fits => fits));
}

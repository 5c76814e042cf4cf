using Mlops.Diffusion.Models;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Plans;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.SparseExport;

/// <summary>
/// The pruned network in the dense network's shapes: zeros make removed parts contribute nothing, so that a tool which
/// knows nothing of pruning computes the same. Refused where zeros are not the same as absence.
/// </summary>
internal static class PaddedModel
{
    /// <summary>A dense network that predicts what the pruned one does; the caller owns it.</summary>
    /// <exception cref="InvalidDataException">Zeros cannot stand for what was removed.</exception>
    public static Denoiser From(Denoiser network, PlanVariant variant)
    {
        var dense = ModelFamily.Create(network.Config.With(SlicedShapes.Key, null), seed: 0);
        using var noGrad = no_grad();
        RefuseNorms(dense, variant);
        using var indices = PositionsLeft(dense, variant);
        var pruned = network.Present().ToDictionary(weight => weight.Name, weight => weight.Value);
        foreach (var (name, parameter) in dense.Present())
            if (pruned.TryGetValue(name, out var values))
                Fill(parameter, values, name, indices.Weights[name]);
        foreach (var name in variant.Skip)
            Silence(dense, name);
        return dense;
    }

    /// <summary>Flat positions of the kept elements: slicing positions like weights says where each belongs.</summary>
    private static NetworkSlicer PositionsLeft(Denoiser dense, PlanVariant variant)
    {
        using var scope = NewDisposeScope();
        var slicer = new NetworkSlicer(ChannelGroups.Of(dense), dense.Shapes().Select(entry =>
            KeyValuePair.Create(entry.Key, arange(Size(entry.Value), int64, CPU).reshape(entry.Value))));
        slicer.Keep(variant.Keep);
        return slicer;
    }

    private static long Size(long[] shape) => shape.Aggregate(1L, (product, size) => product * size);

    private static void Fill(Parameter dense, Parameter values, string name, Tensor positions)
    {
        if (positions.numel() != values.numel())
            throw new InvalidDataException(
                $"format 'padded' cannot hold '{name}' of a folder whose heads were padded; export the run instead");
        using var scope = NewDisposeScope();
        var flat = zeros(dense.numel(), device: CPU).index_copy_(0, positions.flatten(), values.detach().flatten());
        dense.copy_(flat.reshape(dense.shape));
    }

    private static void RefuseNorms(Denoiser dense, PlanVariant variant)
    {
        var norm = ChannelGroups.Of(dense).Where(group => variant.Keep.ContainsKey(group.Root))
            .SelectMany(group => group.Members).FirstOrDefault(member => member.Kind == MemberKind.GroupNorm);
        if (norm is not null)
            throw new InvalidDataException(
                "format 'padded' cannot hold channels removed before a group norm, because zeros would still enter "
                + $"'{norm.Module}'; use 'pruned'");
    }

    private static void Silence(Denoiser dense, string layer)
    {
        var modules = dense.named_modules().ToDictionary(entry => entry.name, entry => entry.module);
        switch (modules[layer])
        {
            case ResnetBlock resnet:
                RefuseScale(resnet.Shape.Scale, layer);
                Zero(resnet.Conv2.weight, resnet.Conv2.bias);
                if (resnet.Shortcut is { } shortcut)
                    PassHiddenState(shortcut);
                break;
            case ImageAttention attention:
                RefuseScale(attention.Scale, layer);
                Zero(attention.ToOut.weight, attention.ToOut.bias);
                break;
            case DiTBlock block:
                Zero(block.Attention.ToOut.weight, block.Attention.ToOut.bias);
                Zero(block.Feed.Out.weight, block.Feed.Out.bias);
                break;
        }
    }

    /// <summary>[I | 0]: the hidden state passes, the encoder feature behind it does not.</summary>
    private static void PassHiddenState(Conv2d shortcut)
    {
        using var scope = NewDisposeScope();
        Zero(shortcut.weight, shortcut.bias);
        var width = shortcut.weight.shape[0];
        shortcut.weight.narrow(1, 0, width).copy_(eye(width, device: CPU).reshape(width, width, 1, 1));
    }

    private static void Zero(Parameter weight, Parameter? bias)
    {
        weight.zero_();
        bias?.zero_();
    }

    private static void RefuseScale(double scale, string layer)
    {
        if (scale != 1)
            throw new InvalidDataException(
                $"format 'padded' cannot hold the skipped '{layer}', whose sum is divided by {scale:g4}; use 'pruned'");
    }
}

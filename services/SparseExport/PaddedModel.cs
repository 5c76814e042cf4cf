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
        using var guard = no_grad();
        RefuseNorms(dense, variant);
        using var indices = PositionsLeft(dense, variant);
        var pruned = network.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        foreach (var (name, parameter) in dense.named_parameters())
            if (pruned.TryGetValue(name, out var values))
                Fill(parameter, values, indices.Weights[name]);
        foreach (var name in variant.Skip)
            Silence(dense, name);
        return dense;
    }

    /// <summary>Flat positions of the kept elements: slicing positions like weights says where each belongs.</summary>
    private static NetworkSlicer PositionsLeft(Denoiser dense, PlanVariant variant)
    {
        using var scope = NewDisposeScope();
        var slicer = new NetworkSlicer(ChannelGroups.Of(dense), dense.named_parameters().Select(entry =>
            KeyValuePair.Create(entry.name, arange(entry.parameter.numel(), int64).reshape(entry.parameter.shape))));
        slicer.Keep(variant.Keep);
        return slicer;
    }

    private static void Fill(Parameter dense, Parameter values, Tensor positions)
    {
        using var scope = NewDisposeScope();
        var flat = zeros(dense.numel()).index_copy_(0, positions.flatten(), values.detach().flatten());
        dense.copy_(flat.reshape(dense.shape));
    }

    private static void RefuseNorms(Denoiser dense, PlanVariant variant)
    {
        var norm = ChannelGroups.Of(dense).Where(group => variant.Keep.ContainsKey(group.Root))
            .SelectMany(group => group.Members).FirstOrDefault(member => member.Kind == MemberKind.GroupNorm);
        if (norm is not null)
            throw new InvalidDataException(
                "format 'padded' cannot hold channels removed before a group norm, because zeros would still enter "
                + $"'{norm.Module}'; use 'planned'");
    }

    private static void Silence(Denoiser dense, string layer)
    {
        var modules = dense.named_modules().ToDictionary(entry => entry.name, entry => entry.module);
        switch (modules[layer])
        {
            case ResnetBlock resnet:
                RefuseScale(dense, layer);
                Zero(resnet.Conv2);
                if (resnet.Shortcut is { } shortcut)
                    PassHiddenState(shortcut);
                break;
            case AttentionLayer attention:
                RefuseScale(dense, layer);
                Zero(attention.ToOut);
                break;
            case DiTBlock block:
                Zero(block.Attention.ToOut);
                Zero(block.FeedOut);
                break;
        }
    }

    /// <summary>[I | 0]: the hidden state passes, the encoder feature behind it does not.</summary>
    private static void PassHiddenState(ConvLayer shortcut)
    {
        Zero(shortcut);
        var width = shortcut.WeightShape[0];
        shortcut.Weight.narrow(1, 0, width).copy_(eye(width).reshape(width, width, 1, 1));
    }

    private static void Zero(WeightedLayer layer)
    {
        layer.Weight.zero_();
        layer.Bias?.zero_();
    }

    private static void RefuseScale(Denoiser dense, string layer)
    {
        if (dense is UNet2DModel { Options.MidBlockScaleFactor: not 1 }
            && layer.StartsWith("mid_block.", StringComparison.Ordinal))
            throw new InvalidDataException(
                $"format 'padded' cannot hold the skipped '{layer}': the middle block scales its sum; use 'planned'");
    }
}

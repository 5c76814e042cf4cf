using System.Text.Json.Nodes;
using Mlops.Diffusion.Models;
using Mlops.Pruning.Plans;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.SparseExport;

/// <summary>A pruned network whose shapes a plain diffusers config can say.</summary>
/// <param name="Weights">Renamed or rescaled weights; borrowed from the network unless owned.</param>
internal sealed record NativeModel(ModelConfig Config, IReadOnlyList<(string Name, Parameter Value)> Weights)
    : IDisposable
{
    private readonly List<Parameter> _owned = [];

    /// <summary>The native form; null, and why not, where a config cannot say it.</summary>
    public static NativeModel? From(Denoiser network, PlanVariant variant, out string obstacle)
    {
        obstacle = "";
        if (variant.Skip.Count == 0 && variant.Keep.Count == 0)
            return new NativeModel(network.Config, [.. network.Present()]);

        switch (network)
        {
            case DiTTransformer2DModel transformer when variant.Keep.Count == 0:
                return Shallower(transformer, variant, out obstacle);
            case UNet2DModel unet when variant.Skip.Count == 0:
                return Narrower(unet, out obstacle);
            case UNet2DModel unet when variant.Keep.Count == 0:
                return FewerLayers(unet, variant, out obstacle);
            case UNet2DModel:
                obstacle = "a UNet2DModel's config cannot leave out single channels and layers at once";
                return null;
            default:
                obstacle = "a transformer's config cannot leave out heads or hidden neurons";
                return null;
        }
    }

    private static NativeModel? FewerLayers(UNet2DModel network, PlanVariant variant, out string obstacle)
    {
        if (NativeLayers.From(network, variant.Skip, out obstacle) is not { } layers)
            return null;
        using var shapeOnly = ModelFamily.ShapeOnly(layers.Config);
        var shapes = shapeOnly.Shapes();
        (string Name, Parameter Value)[] weights = [.. from weight in network.Present()
                                                      let name = layers.NameOf(weight.Name)
                                                      where name is not null
                                                      select (name, weight.Value)];
        obstacle = "the layers that are left have other widths or norm groups than those whose places they take";
        return weights.Length == shapes.Count && weights.All(weight =>
            shapes.TryGetValue(weight.Name, out var shape) && shape.SequenceEqual(weight.Value.shape))
            && NormGroups(network, layers.NameOf).Order().SequenceEqual(NormGroups(shapeOnly, name => name).Order())
            ? new NativeModel(layers.Config, weights)
            : null;
    }

    private static IEnumerable<(string? Name, long Groups)> NormGroups(
        Denoiser network, Func<string, string?> nameOf) =>
        from entry in network.named_modules()
        where entry.module is GroupNorm
        let name = nameOf($"{entry.name}.weight")
        where name is not null
        select (name, ((GroupNorm)entry.module).num_groups);

    public void Dispose() => _owned.ForEach(parameter => parameter.Dispose());

    /// <summary>Fewer blocks, numbered anew.</summary>
    private static NativeModel? Shallower(DiTTransformer2DModel network, PlanVariant variant, out string obstacle)
    {
        var run = variant.RunMask(network.Layers);
        var kept = Enumerable.Range(0, run.Length).Where(block => run[block]).ToArray();
        obstacle = "no block is left";
        if (kept.Length == 0)
            return null;
        obstacle = "the output layer reads the embedders of block 0, which differ from those of the first kept block";
        if (kept[0] != 0 && !EqualEmbedders(network, kept[0]))
            return null;

        var weights = new List<(string, Parameter)>();
        foreach (var (name, parameter) in network.Present())
        {
            var steps = name.Split('.');
            if (steps[0] != "transformer_blocks")
                weights.Add((name, parameter));
            else if (Array.IndexOf(kept, int.Parse(steps[1])) is >= 0 and var position)
                weights.Add((string.Join('.', [steps[0], $"{position}", .. steps[2..]]), parameter));
        }

        return new NativeModel(network.Config.With("num_layers", kept.Length), weights);
    }

    private static bool EqualEmbedders(DiTTransformer2DModel network, int block)
    {
        using var scope = NewDisposeScope();
        var parameters = network.Present().ToDictionary(weight => weight.Name, weight => weight.Value);
        return parameters.Where(entry => PrunedFolder.ConditionsOutput(entry.Key)).All(entry =>
        {
            var other = parameters[entry.Key.Replace("blocks.0.", $"blocks.{block}.")];
            return (entry.Value - other).abs().max().item<float>() == 0;
        });
    }

    /// <summary>
    /// Fewer channels per level. The attention scale of the narrower config is another one, so the queries take up the
    /// quotient of both.
    /// </summary>
    private static NativeModel? Narrower(UNet2DModel network, out string obstacle)
    {
        var widths = network.Down.Select(block => (JsonNode)block.Resnets[0].Conv2.weight.shape[0]).ToArray();
        var config = network.Config.With("block_out_channels", new JsonArray(widths))
            .With("time_embedding_dim", TimeWidth(network));
        obstacle = "the norms of skip blocks have groups by their width";
        if (network.Options.DownBlockTypes.Concat(network.Options.UpBlockTypes).Any(SkipBlocks.IsSkip))
            return null;
        obstacle = "the levels' layers lost unequal numbers of channels";
        if (!Fits(network, config))
            return null;

        using var shapeOnly = (UNet2DModel)ModelFamily.ShapeOnly(config);
        var narrow = shapeOnly.named_modules().ToDictionary(entry => entry.name, entry => entry.module);
        var scales = network.named_modules().Where(entry => entry.module is AttentionLayer).ToDictionary(
            entry => $"{entry.name}.to_q",
            entry => Math.Sqrt((double)((AttentionLayer)narrow[entry.name]).HeadWidth
                / ((AttentionLayer)entry.module).HeadWidth));
        var model = new NativeModel(config, []);
        return model with
        {
            Weights = [.. network.Present().Select(weight =>
                scales.TryGetValue(weight.Name[..weight.Name.LastIndexOf('.')], out var scale) && scale != 1
                    ? (weight.Name, model.Scaled(weight.Value, scale))
                    : weight)],
        };
    }

    // Only where it is not the usual one: diffusers knows the entry since 0.32.
    private static JsonNode? TimeWidth(UNet2DModel network)
    {
        var width = network.Down[0].Resnets[0].TimeProjection.weight.shape[1];
        return width == 4 * network.Down[0].Resnets[0].Conv2.weight.shape[0] ? null : width;
    }

    /// <summary>Whether a configuration that is built at all has exactly the network's weights.</summary>
    private static bool Fits(UNet2DModel network, ModelConfig config)
    {
        if (SlicedShapes.Of(network).Any || network.Options.NormGroups is { } groups
            && config.Integers("block_out_channels").Any(width => width % groups != 0))
            return false;

        using var shapeOnly = ModelFamily.ShapeOnly(config);
        var (wanted, actual) = (shapeOnly.Shapes(), network.Shapes());
        return wanted.Count == actual.Count && wanted.All(entry =>
            actual.TryGetValue(entry.Key, out var shape) && shape.SequenceEqual(entry.Value));
    }

    private Parameter Scaled(Parameter parameter, double scale)
    {
        using var scope = NewDisposeScope();
        var scaled = new Parameter((parameter.detach() * scale).DetachFromDisposeScope(), requires_grad: false);
        scaled.DetachFromDisposeScope();
        _owned.Add(scaled);
        return scaled;
    }
}

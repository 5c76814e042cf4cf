using System.Text.Json.Nodes;
using Mlops.Diffusion.Models;

namespace Mlops.SparseExport;

/// <summary>
/// Sets of left-out layers that the config of a UNet2DModel can say: all attention of a level, the attention in the
/// middle, and the same number of ResNet layers in every level, as long as the decoder's other layers still meet the
/// encoder features that they met before.
/// </summary>
/// <param name="Config">Of the smaller network.</param>
/// <param name="Layers">Path of a layer of the dense network to its path in the smaller one; null if left out.</param>
internal sealed record NativeLayers(ModelConfig Config, IReadOnlyDictionary<string, string?> Layers)
{
    private const string MiddleAttention = "mid_block.attentions.0";

    /// <summary>The smaller network; null, and why not, where no config says it.</summary>
    public static NativeLayers? From(UNet2DModel network, IReadOnlyCollection<string> skip, out string obstacle)
    {
        var (options, left) = (network.Options, new HashSet<string>(skip, StringComparer.Ordinal));
        var all = options.LayersPerBlock;
        var layers = all - Skipped(left, "down_blocks.0.resnets", all).Length;
        var paths = new Dictionary<string, string?>(StringComparer.Ordinal);
        var (downTypes, upTypes) = (options.DownBlockTypes.ToArray(), options.UpBlockTypes.ToArray());
        var found = layers < 1 ? "no layer would be left in its levels" : Middle(left, paths);
        for (var level = 0; level < downTypes.Length && found is null; level++)
            found = Level($"down_blocks.{level}", all, Down(layers, all), options.ResnetDownsampling, left, paths,
                    ref downTypes[level])
                ?? Level($"up_blocks.{level}", all + 1, Up(layers, all), options.ResnetUpsampling, left, paths,
                    ref upTypes[level]);
        obstacle = $"a UNet2DModel's config cannot say it: {found}";
        if (found is not null)
            return null;
        var config = network.Config.With("layers_per_block", layers)
            .With("down_block_types", new JsonArray([.. downTypes.Select(type => (JsonNode)type)]))
            .With("up_block_types", new JsonArray([.. upTypes.Select(type => (JsonNode)type)]));
        return new(paths.ContainsKey(MiddleAttention) ? config.With("add_attention", false) : config, paths);
    }

    /// <summary>What a weight of the dense network is called in the smaller one; null if it is left out.</summary>
    public string? NameOf(string parameter)
    {
        var steps = parameter.Split('.');
        var depth = steps[0] is "mid_block" ? 3 : 4;
        if (steps.Length <= depth || !Layers.TryGetValue(string.Join('.', steps[..depth]), out var path))
            return parameter;
        return path is null ? null : string.Join('.', [path, .. steps[depth..]]);
    }

    private static string? Middle(HashSet<string> left, Dictionary<string, string?> paths)
    {
        if (left.Contains(MiddleAttention))
            paths[MiddleAttention] = null;
        return left.FirstOrDefault(name => name.StartsWith("mid_block.resnets.", StringComparison.Ordinal)) is { } name
            ? $"'{name}' cannot be left out alone"
            : null;
    }

    // The first layers of an encoder level stay: the last ones then pass on the feature that those made.
    private static Func<int[], bool> Down(int kept, int all) =>
        skipped => skipped.SequenceEqual(Enumerable.Range(kept, all - kept));

    // Of the decoder's layers that meet one and the same feature all but one go.
    private static Func<int[], bool> Up(int kept, int all) =>
        skipped => skipped.Length == all - kept && skipped.All(index => index <= all - kept);

    /// <summary>Renames the layers of one level; returns why its config cannot say what is left out.</summary>
    private static string? Level(
        string block, int count, Func<int[], bool> fits, bool resamplesByResnet, HashSet<string> left,
        Dictionary<string, string?> paths, ref string type)
    {
        var gone = Skipped(left, $"{block}.resnets", count);
        if (!fits(gone))
            return gone.Length == 0
                ? $"'{block}' keeps layers that other levels lose"
                : $"'{block}.resnets.{gone[0]}' cannot be left out alone";
        var attends = UNet2DOptions.Attends(type);
        var kept = Enumerable.Range(0, count).Except(gone).ToArray();
        var silent = Skipped(left, $"{block}.attentions", count);
        // Skip blocks of the decoder attend once, behind all layers.
        var once = type == "AttnSkipUpBlock2D";
        var without = attends && (once ? silent.Length > 0 : kept.All(index => silent.Contains(index)));
        if (attends && !without && !once && !silent.SequenceEqual(gone))
            return $"'{block}' loses the attention of some layers";
        if (without && resamplesByResnet && !type.IsSkip())
            return $"'{block}' changes its size by a ResNet layer, which levels without attention do not have";
        if (without)
            type = type["Attn".Length..];
        for (var index = 0; index < count; index++)
        {
            var position = Array.IndexOf(kept, index);
            paths[$"{block}.resnets.{index}"] = position < 0 ? null : $"{block}.resnets.{position}";
            paths[$"{block}.attentions.{index}"] = without ? null
                : once ? $"{block}.attentions.{index}" : position < 0 ? null : $"{block}.attentions.{position}";
        }

        return null;
    }

    private static int[] Skipped(HashSet<string> left, string layers, int count) =>
        [.. Enumerable.Range(0, count).Where(index => left.Contains($"{layers}.{index}"))];
}

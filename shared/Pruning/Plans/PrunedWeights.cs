using Mlops.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.Pruning.Plans;

/// <summary>
/// Attention between here and diffusers. Here heads of one layer may have unlike widths, and scores are scaled by the
/// dense width; diffusers splits the channels evenly and scales by the width that there is. So narrower heads are
/// padded with zeros to the widest, and queries take up the quotient of the scales.
/// </summary>
public static class PrunedWeights
{
    /// <summary>The present weights as diffusers' layers want them; new tensors are in the caller's dispose scope.
    /// </summary>
    /// <param name="heads">Receives the number of heads of every layer whose heads are not the dense ones.</param>
    public static IEnumerable<(string Name, Tensor Value)> ForDiffusers(
        Denoiser network, Dictionary<string, long> heads)
    {
        var layers = Attentions(network);
        foreach (var (name, layer) in layers)
            if (layer.CurrentHeadWidths() is var widths
                && (widths.Count != layer.Heads || widths.Any(width => width != layer.HeadWidth)))
                heads[name] = widths.Count;
        foreach (var (name, parameter) in network.Present())
        {
            var value = parameter.detach();
            var path = name.Split('.');
            var at = Array.FindLastIndex(path, step => step is "to_q" or "to_k" or "to_v" or "to_out");
            if (at >= 0 && layers.TryGetValue(string.Join('.', path[..at]), out var layer))
                value = ForDiffusers(layer, path[at], path[^1], value);
            yield return (name, value);
        }
    }

    /// <summary>Undoes the scaling of queries in a network that was read from a file of diffusers' layout.</summary>
    public static void FromDiffusers(Denoiser network, IReadOnlyDictionary<string, long> heads)
    {
        using var noGrad = no_grad();
        var layers = Attentions(network);
        if (heads.Keys.FirstOrDefault(name => !layers.ContainsKey(name)) is { } stranger)
            throw new InvalidDataException(
                $"config.json: \"heads\" names '{stranger}', which is not an attention layer of this model");
        foreach (var (name, layer) in layers)
        {
            var rows = layer.ToQ.weight.shape[0];
            if (heads.TryGetValue(name, out var count))
                layer.HeadWidths = count > 0 && rows % count == 0
                    ? [.. Enumerable.Repeat(rows / count, (int)count)]
                    : throw new InvalidDataException($"config.json: '{name}' has {rows} rows, not {count} equal heads");
            else if (rows != layer.Heads * layer.HeadWidth)
                throw new InvalidDataException(
                    $"config.json: \"heads\" lacks '{name}', whose {rows} rows are not those of {layer.Heads} heads");
            var quotient = Math.Sqrt((double)layer.CurrentHeadWidths()[0] / layer.HeadWidth);
            if (quotient == 1)
                continue;
            layer.ToQ.weight.div_(quotient);
            layer.ToQ.bias?.div_(quotient);
        }
    }

    /// <summary>The same for single tensors of diffusers' layout, by parameter name.</summary>
    /// <param name="network">Its heads are as wide as those of the tensors.</param>
    public static Func<string, Tensor, Tensor> FromDiffusers(Denoiser network)
    {
        var quotients = Attentions(network).ToDictionary(
            layer => layer.Key,
            layer => Math.Sqrt((double)layer.Value.CurrentHeadWidths()[0] / layer.Value.HeadWidth));
        return (name, value) => name.Split(".to_q.") is [var layer, _]
            && quotients.TryGetValue(layer, out var quotient) && quotient != 1 ? value / quotient : value;
    }

    private static Dictionary<string, AttentionLayer> Attentions(Denoiser network) =>
        (from entry in network.named_modules()
         where entry.module is AttentionLayer layer && !layer.ToQ.weight.IsAbsent()
         select (entry.name, (AttentionLayer)entry.module)).ToDictionary();

    private static Tensor ForDiffusers(AttentionLayer layer, string projection, string kind, Tensor value)
    {
        var widths = layer.CurrentHeadWidths();
        var widest = widths.Max();
        if (projection == "to_out")
            return kind == "bias" ? value : Padded(value, 1, widths, widest);
        var padded = Padded(value, 0, widths, widest);
        return projection == "to_q" && widest != layer.HeadWidth
            ? padded * Math.Sqrt((double)widest / layer.HeadWidth)
            : padded;
    }

    private static Tensor Padded(Tensor value, int dimension, IReadOnlyList<long> widths, long widest)
    {
        if (widths.All(width => width == widest))
            return value;
        var parts = new List<Tensor>();
        var start = 0L;
        foreach (var width in widths)
        {
            long[] gap = [.. value.shape];
            gap[dimension] = widest - width;
            parts.Add(value.narrow(dimension, start, width));
            parts.Add(zeros(gap, value.dtype, value.device));
            start += width;
        }

        return cat(parts, dimension);
    }
}

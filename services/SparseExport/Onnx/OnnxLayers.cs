using Mlops.Diffusion.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.SparseExport.Onnx;

/// <summary>The layers of both families as ONNX operators; widths are those of the weights, sliced or not.</summary>
internal static class OnnxLayers
{
    /// <summary>[N, C, H, W] to [N, D, H', W'].</summary>
    /// <param name="pads">Above, left, below, right; null: as the layer pads.</param>
    public static OnnxValue Conv(this OnnxValue x, Conv2d layer, long[]? pads = null) => x.Graph.Apply(
        "Conv", x.WithWeights(layer, layer.weight, layer.bias),
        ("strides", layer.stride!), ("pads", pads ?? (long[])[.. layer.padding!, .. layer.padding!]));

    /// <summary>[…, C] to […, D].</summary>
    public static OnnxValue Linear(this OnnxValue x, Linear layer)
    {
        var y = x.MatMul(x.Graph.Weight(layer, "weight", layer.weight.t()));
        return layer.bias is { } bias ? y + x.Graph.Weight(layer, "bias", bias) : y;
    }

    /// <summary>Opset 18 has no group norm: groups become the channels of an instance norm.</summary>
    public static OnnxValue GroupNorm(this OnnxValue x, GroupNorm norm)
    {
        var groups = norm.num_groups;
        var (one, zero) = (x.Graph.Constant(ones(groups, device: CPU)), x.Graph.Constant(zeros(groups, device: CPU)));
        var y = x.Graph.Apply("InstanceNormalization", [x.Reshape(0, groups, -1), one, zero], ("epsilon", norm.eps));
        var (weight, bias) = (norm.weight!.reshape(-1, 1, 1), norm.bias!.reshape(-1, 1, 1));
        return (y.ReshapeLike(x) * x.Graph.Weight(norm, "weight", weight)) + x.Graph.Weight(norm, "bias", bias);
    }

    /// <summary>Over the last dimension, without weights.</summary>
    public static OnnxValue LayerNorm(this OnnxValue x, long width, double eps) => x.Graph.Apply(
        "LayerNormalization", [x, x.Graph.Constant(ones(width, device: CPU))], ("epsilon", eps));

    /// <summary>Over the last dimension, with the layer's weights if it has any.</summary>
    public static OnnxValue LayerNorm(this OnnxValue x, LayerNorm norm, long width, double eps) =>
        norm.weight is null ? x.LayerNorm(width, eps)
        : x.Graph.Apply("LayerNormalization", x.WithWeights(norm, norm.weight, norm.bias), ("epsilon", eps));

    /// <summary>The non-linearities that configurations name.</summary>
    public static OnnxValue Activate(this OnnxValue x, string name) => name switch
    {
        "silu" or "swish" or "swiglu" or "linear-silu" => x * x.Apply("Sigmoid"),
        "mish" => x.Apply("Mish"),
        "relu" => x.Apply("Relu"),
        "gelu" or "geglu" => x * ((x * Math.Sqrt(0.5)).Apply("Erf") + 1) * 0.5,
        "gelu-approximate" => x * ((((x * x * 0.044715) + 1) * x * Math.Sqrt(2 / Math.PI)).Apply("Tanh") + 1) * 0.5,
        "geglu-approximate" => x * (x * 1.702).Apply("Sigmoid"),
        _ => throw new InvalidDataException($"format 'onnx' cannot hold the activation '{name}'"),
    };

    /// <summary>Self-attention of tokens [N, S, C].</summary>
    public static OnnxValue Attend(this OnnxValue tokens, AttentionLayer layer)
    {
        var q = tokens.Linear(layer.ToQ) * (1 / Math.Sqrt(layer.HeadWidth));
        var (k, v) = (tokens.Linear(layer.ToK), tokens.Linear(layer.ToV));
        var widths = layer.CurrentHeadWidths();
        if (widths.Distinct().Count() == 1)
            return Mixed(q, k, v, widths.Count).Linear(layer.ToOut);
        var heads = q.Split(widths, 2).Zip(k.Split(widths, 2), v.Split(widths, 2));
        return OnnxValue.Concat(2, [.. heads.Select(head => Mixed(head.First, head.Second, head.Third, 1))])
            .Linear(layer.ToOut);
    }

    /// <summary>Rows of a table, by number [N]: [N, D].</summary>
    public static OnnxValue RowsOf(this OnnxValue numbers, Embedding table) =>
        numbers.Graph.Apply("Gather", [numbers.Graph.Weight(table, "weight", table.weight!), numbers]);

    /// <summary>Two linear layers with a SiLU between them.</summary>
    public static OnnxValue Embed(this OnnxValue features, TimeEmbedding layer) =>
        features.Linear(layer.Linear1).Activate("silu").Linear(layer.Linear2);

    /// <summary>Sinusoidal features of times [N]: [N, width].</summary>
    public static OnnxValue Sinusoids(this OnnxValue times, long width, bool flipSinToCos, double shift)
    {
        var frequencies = times.Graph.Constant(Mlops.Diffusion.Models.Sinusoids.Frequencies(width, shift, CPU));
        var column = times.Unsqueeze(1);
        var angles = column * frequencies;                                      // [N, width / 2]
        var (sin, cos) = (angles.Apply("Sin"), angles.Apply("Cos"));
        OnnxValue[] parts = flipSinToCos ? [cos, sin] : [sin, cos];
        return OnnxValue.Concat(1, width % 2 == 1 ? [.. parts, column * 0] : parts);
    }

    // [N, S, h·d] three times, of h heads
    private static OnnxValue Mixed(OnnxValue q, OnnxValue k, OnnxValue v, long heads)
    {
        q = q.Reshape(0, 0, heads, -1).Transpose(0, 2, 1, 3);                   // [N, h, S, d]
        k = k.Reshape(0, 0, heads, -1).Transpose(0, 2, 3, 1);                   // [N, h, d, S]
        v = v.Reshape(0, 0, heads, -1).Transpose(0, 2, 1, 3);                   // [N, h, S, d]
        var mixed = q.MatMul(k).Apply("Softmax", ("axis", -1L)).MatMul(v);
        return mixed.Transpose(0, 2, 1, 3).Reshape(0, 0, -1);                   // [N, S, h·d]
    }

    private static IEnumerable<OnnxValue> WithWeights(
        this OnnxValue x, nn.Module layer, Tensor weight, Tensor? bias) => bias is null
        ? [x, x.Graph.Weight(layer, "weight", weight)]
        : [x, x.Graph.Weight(layer, "weight", weight), x.Graph.Weight(layer, "bias", bias)];
}

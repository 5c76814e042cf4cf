using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>One forward pass as the gateable layers see it.</summary>
internal sealed class LayerPass
{
    /// <summary>The index of a layer that is left out for good.</summary>
    public const int LeftOut = -2;

    private readonly LayerControl? _control;
    private readonly IReadOnlyList<LayerInfo> _layers;

    public LayerPass(LayerControl? control, IReadOnlyList<LayerInfo> layers, long batch)
    {
        (_control, _layers) = (control, layers);
        if (control?.Run is { } run && run.Count != layers.Count)
            throw new ArgumentException($"the mask has {run.Count} entries but the model has {layers.Count} layers");
        if (control?.Keep is { Count: > 0 } && layers.Any(layer => layer.Kind != LayerKind.Transformer))
            throw new ArgumentException("channels are kept pass by pass in a DiT only", nameof(control));
        if (control?.Gates is { } gates && (gates.dim() != 2 || gates.shape[1] != layers.Count
            || (gates.shape[0] != 1 && gates.shape[0] != batch)))
            throw new ArgumentException($"gates of shape [{string.Join(", ", gates.shape)}] do not fit a batch of "
                + $"{batch} and {layers.Count} layers; pass [N, L] or [1, L]");
    }

    /// <summary>Calls a layer, or leaves it out, or mixes: x, f(x), or x + m·(f(x) − x).</summary>
    /// <param name="index">Position among the gateable layers; −1 for a layer that always runs, −2 for one that never
    /// does.</param>
    /// <param name="x">Input, which is also the result when the layer is left out.</param>
    /// <param name="layer">Takes the rows of the batch that run it, int64 beside x; null: all.</param>
    /// <param name="last">Its rows are the channels of f(x): a layer that changes the width cannot be left out. An
    /// absent one has the shape of the dense network and says nothing.</param>
    public Tensor Through(int index, Tensor x, Tensor last, Func<Tensor?, Tensor> layer)
    {
        if (index == LeftOut)
            return x;
        if (index < 0 || _control is null)
            return layer(null);
        var rows = _control.Rows?[index];
        var skipped = rows is { Length: 0 } || (_control.Run is { } run && !run[index]);
        if ((skipped || rows is not null) && !last.IsAbsent() && x.shape[1] != last.shape[0]
            && _layers[index].Kind != LayerKind.Transformer)
            throw new InvalidDataException(
                $"{_layers[index].Name} turns {x.shape[1]} channels into {last.shape[0]} in this sliced model and "
                + "cannot be skipped; keep it in the plan.");
        if (skipped)
            return x;
        if (rows is not null)
            return Partly(x, rows, layer);
        var y = layer(null);
        if (_control.Gates is { } gates)
            y = Mix(x, y, gates.narrow(1, index, 1));
        _control.Observe?.Invoke(_layers[index], x, y);
        return y;
    }

    /// <summary>Calls a layer, or lets a cache stand in for it.</summary>
    public Tensor Cached(string name, Func<Tensor> bypass, Func<Tensor?, Tensor> layer) =>
        _control?.Cache is { } cache ? cache(name, bypass, layer) : layer(null);

    /// <summary>The channels of a group that stay in this pass; null keeps all.</summary>
    public Tensor? Kept(string root) => _control?.Keep?.GetValueOrDefault(root);

    /// <summary>Hands a feature map to the distillation loss.</summary>
    public void Feature(Tensor x) => _control?.Features?.Add(x);

    private static Tensor Partly(Tensor x, long[] rows, Func<Tensor?, Tensor> layer)
    {
        using var scope = NewDisposeScope();
        var index = tensor(rows, int64, x.device);
        return scope.MoveToOuter(x.index_copy(0, index, layer(index)));
    }

    private static Tensor Mix(Tensor x, Tensor y, Tensor gate)
    {
        using var scope = NewDisposeScope();
        long[] shape = [gate.shape[0], .. Enumerable.Repeat(1L, (int)x.dim() - 1)];
        return scope.MoveToOuter(x + (gate.to_type(x.dtype).reshape(shape) * (y - x)));
    }
}

/// <summary>Rows of a batch.</summary>
internal static class BatchRows
{
    /// <summary>Some rows [K, …] of [N, …], or of [1, …], which all share; null: what there is.</summary>
    public static Tensor At(this Tensor x, Tensor? rows) =>
        rows is null || x.shape[0] == 1 ? x : x.index_select(0, rows);
}

using Mlops.Diffusion.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Counting;

/// <summary>Adds up costs by module while a counter walks the network.</summary>
internal sealed class MacAccumulator
{
    private readonly Dictionary<nn.Module, Entry> _entries = new(ReferenceEqualityComparer.Instance);
    private readonly List<Entry> _ordered = [];
    private readonly IReadOnlyList<bool>? _run;
    private readonly LayerRouting? _routing;
    private readonly (int First, int End) _rows;
    private double _share = 1;

    public MacAccumulator(Denoiser model, long batch, IReadOnlyList<bool>? run, (int First, int End)? rows)
    {
        (Batch, _run, _routing) = (batch, run, model.Routing);
        _rows = rows ?? (0, _routing?.Timesteps ?? 0);
        if (run is not null && run.Count != model.Layers.Count)
            throw new ArgumentException(
                $"the mask has {run.Count} entries but the model has {model.Layers.Count} layers", nameof(run));
        var shapeOnly = !model.Present().Any();
        foreach (var (name, module) in model.named_modules())
            if (module is AttentionLayer)
                Open(module, new Entry(name, "Attention", 0));
            else if (module.parameters(recurse: false).Any())
                Open(module, new Entry(name, TypeOf(module), module.parameters(recurse: false)
                    .Where(weight => shapeOnly || !weight.IsAbsent()).Sum(weight => weight.numel())));
    }

    /// <summary>Samples per forward pass.</summary>
    public long Batch { get; }

    /// <summary>Adds a layer, for the share of the timesteps at which it runs; those without an index always do.
    /// </summary>
    public void Layer(int index, Action count)
    {
        if (index == LayerPass.LeftOut || (index >= 0 && _run?[index] == false))
            return;
        _share = index >= 0 && _routing is { } routing ? routing.Share(index, _rows.First, _rows.End) : 1;
        count();
        _share = 1;
    }

    /// <summary>Adds a convolution and returns the size of its output.</summary>
    /// <param name="size">Height and width of its input.</param>
    /// <param name="added">Rows and columns that are added to the input before it.</param>
    public (long H, long W) Conv(Conv2d layer, (long H, long W) size, long added = 0)
    {
        var (kernel, stride, extra) = (layer.kernel_size[0], layer.stride[0], (2 * layer.padding![0]) + added);
        var h = ((size.H + extra - kernel) / stride) + 1;
        var w = ((size.W + extra - kernel) / stride) + 1;
        _entries[layer].Conv += Shared(Batch * h * w * layer.weight.numel());
        return (h, w);
    }

    /// <summary>Adds a linear layer applied to a number of rows per sample.</summary>
    public void Linear(Linear layer, long rows) =>
        _entries[layer].Linear += Shared(Batch * rows * layer.weight.numel());

    /// <summary>Adds self-attention over a number of tokens per sample, projections included.</summary>
    public void Attention(AttentionLayer layer, long tokens)
    {
        Linear(layer.ToQ, tokens);
        Linear(layer.ToK, tokens);
        Linear(layer.ToV, tokens);
        Linear(layer.ToOut, tokens);
        var queryKey = tokens * tokens * layer.ToQ.weight.shape[0];
        var weightsValue = tokens * tokens * layer.ToV.weight.shape[0];
        _entries[layer].Attention += Shared(Batch * (queryKey + weightsValue));
    }

    /// <summary>Adds the two linear layers of a time embedding.</summary>
    public void Time(TimeEmbedding embedding)
    {
        Linear(embedding.Linear1, 1);
        Linear(embedding.Linear2, 1);
    }

    /// <summary>The booked costs, zero for modules that do not run.</summary>
    public ModelCost Close(Func<string, bool>? without) => new([.. _ordered.Select(entry =>
        without?.Invoke(entry.Name) == true
            ? new ModuleCost(entry.Name, entry.Type, entry.Parameters, 0, 0, 0)
            : new(entry.Name, entry.Type, entry.Parameters, entry.Conv, entry.Linear, entry.Attention))]);

    private long Shared(long macs) => _share == 1 ? macs : (long)Math.Round(_share * macs);

    private static string TypeOf(nn.Module module) => module is NamedModule ? module.GetName() : module.GetType().Name;

    private void Open(nn.Module module, Entry entry)
    {
        _entries.Add(module, entry);
        _ordered.Add(entry);
    }

    private sealed class Entry(string name, string type, long parameters)
    {
        public string Name { get; } = name;

        public string Type { get; } = type;

        public long Parameters { get; } = parameters;

        public long Conv { get; set; }

        public long Linear { get; set; }

        public long Attention { get; set; }
    }
}

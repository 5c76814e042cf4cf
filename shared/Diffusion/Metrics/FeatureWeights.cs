using Mlops.Diffusion.Weights;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Metrics;

/// <summary>The tensors of a foreign network, as float32 on one device; a forward pass says the shape of what it
/// asks for.</summary>
internal sealed class FeatureWeights : IDisposable
{
    // Counters and index tables that inference does not need; files have them or not.
    private static readonly string[] Idle = [".num_batches_tracked", ".position_ids"];

    private readonly string _path;
    private readonly SortedDictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    public FeatureWeights(StoredTensors stored, Device device)
    {
        _path = stored.Path;
        foreach (var name in stored.Names.Where(name => !Idle.Any(end => name.EndsWith(end, StringComparison.Ordinal))))
        {
            using var scope = NewDisposeScope();
            _tensors[name] = stored.ReadFinite(name).to(float32, device).DetachFromDisposeScope();
        }
    }

    /// <summary>Where they came from, and all of them in the order of their names.</summary>
    public IReadOnlyDictionary<string, Tensor> All => _tensors;

    /// <summary>One tensor, which stays in here.</summary>
    /// <exception cref="InvalidDataException">It is missing, or of another shape.</exception>
    public Tensor Get(string name, params long[] shape)
    {
        if (!_tensors.TryGetValue(name, out var tensor))
            throw new InvalidDataException($"{_path} misses tensor \"{name}\"; give the weights of the whole network.");
        if (!tensor.shape.SequenceEqual(shape))
            throw new InvalidDataException($"{_path} holds tensor \"{name}\" with shape {Shapes.Text(tensor.shape)} "
                + $"instead of {Shapes.Text(shape)}; give weights of this network and its own config.json.");
        _used.Add(name);
        return tensor;
    }

    /// <summary>Refuses what a whole forward pass has not asked for.</summary>
    public void CheckAllUsed()
    {
        if (_tensors.Keys.Where(name => !_used.Contains(name)).ToList() is [var first, .. var more])
            throw new InvalidDataException($"{_path} holds the unexpected tensor \"{first}\""
                + (more.Count > 0 ? $" and {more.Count} more" : "") + "; save the network for features alone.");
    }

    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
    }
}

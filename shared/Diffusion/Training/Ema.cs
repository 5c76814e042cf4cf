using static TorchSharp.torch;

namespace Mlops.Diffusion.Training;

/// <summary>Exponential moving average of weights: ema ← d·ema +
/// (1−d)·p, started from the weights it is made with.</summary>
public sealed class Ema : IDisposable
{
    private const string UpdatesName = "ema.updates";

    private readonly (string Name, Tensor Value, Tensor Average)[] _entries;
    private readonly double _decay;
    private readonly bool _warmUp;

    /// <summary>Starts from the current weights.</summary>
    /// <param name="weights">The weights that are trained, by name.</param>
    /// <param name="decay">d in [0, 1).</param>
    /// <param name="warmUp">Whether d is at most (1 + n) / (10 + n)
    /// after n updates, so that short runs forget the start.</param>
    public Ema(IEnumerable<(string Name, Tensor Value)> weights, double decay, bool warmUp)
    {
        if (decay is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(decay), decay, "the decay of an average must be in [0, 1).");
        (_decay, _warmUp) = (decay, warmUp);
        using var noGrad = no_grad();
        _entries = [.. weights.Select(weight =>
            (weight.Name, weight.Value, weight.Value.detach().clone().DetachFromDisposeScope()))];
    }

    /// <summary>Updates so far; part of a checkpoint.</summary>
    public long Updates { get; private set; }

    /// <summary>Moves the average towards the current weights.</summary>
    public void Update()
    {
        var decay = _warmUp ? Math.Min(_decay, (1.0 + Updates) / (10.0 + Updates)) : _decay;
        Updates++;
        using var noGrad = no_grad();
        foreach (var (_, value, average) in _entries)
            average.mul_(decay).add_(value, alpha: 1 - decay);
    }

    /// <summary>Starts again from the current weights.</summary>
    public void Restart()
    {
        Updates = 0;
        using var noGrad = no_grad();
        foreach (var (_, value, average) in _entries)
            average.copy_(value);
    }

    /// <summary>Overwrites the weights with the average.</summary>
    public void CopyToWeights()
    {
        using var noGrad = no_grad();
        foreach (var (_, value, average) in _entries)
            value.copy_(average);
    }

    /// <summary>Copies of the averages by name, and the number of updates; the caller's scope owns them.</summary>
    public Dictionary<string, Tensor> Export()
    {
        var tensors = _entries.ToDictionary(entry => entry.Name, entry => entry.Average.clone());
        tensors[UpdatesName] = tensor([Updates], int64, CPU);
        return tensors;
    }

    /// <summary>Takes over exported averages.</summary>
    /// <exception cref="InvalidDataException">One is missing or has another shape.</exception>
    public void Import(IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var noGrad = no_grad();
        foreach (var (name, _, average) in _entries)
            average.copy_(tensors.TryGetValue(name, out var saved) && saved.shape.SequenceEqual(average.shape)
                ? saved
                : throw new InvalidDataException(
                    $"averaged weight {name} is missing or is not [{string.Join(", ", average.shape)}]; "
                    + "resume from a checkpoint of the same model."));
        Updates = tensors.TryGetValue(UpdatesName, out var updates)
            ? updates.cpu().item<long>()
            : throw new InvalidDataException($"{UpdatesName} is missing; resume from a whole checkpoint.");
    }

    /// <summary>Releases the averages.</summary>
    public void Dispose()
    {
        foreach (var (_, _, average) in _entries)
            average.Dispose();
    }
}

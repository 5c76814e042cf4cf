using static TorchSharp.torch;

namespace Mlops.Diffusion.Training;

/// <summary>Exponential moving average of parameters: ema ← d·ema + (1−d)·p, started from the weights it is made
/// with.</summary>
public sealed class Ema : IDisposable
{
    private readonly (string Name, Tensor Value, Tensor Average)[] _entries;

    /// <summary>Starts from the current weights.</summary>
    /// <param name="module">The network that is trained.</param>
    /// <param name="decay">d in [0, 1).</param>
    /// <param name="warmUp">Whether d is limited to (1 + n) / (10 + n) after n updates, so that short runs forget the
    /// start.</param>
    public Ema(nn.Module module, double decay, bool warmUp = false)
    {
        if (decay is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(decay), decay, "the decay of an average must be in [0, 1).");
        (Decay, WarmUp) = (decay, warmUp);
        using var noGrad = no_grad();
        _entries = [.. module.named_parameters().Select(named => (
            named.name, (Tensor)named.parameter, named.parameter.detach().clone().DetachFromDisposeScope()))];
    }

    /// <summary>d.</summary>
    public double Decay { get; }

    /// <summary>Whether d grows from small values.</summary>
    public bool WarmUp { get; }

    /// <summary>Updates so far; part of a checkpoint.</summary>
    public long Updates { get; private set; }

    /// <summary>Moves the average towards the current weights.</summary>
    public void Update()
    {
        var decay = WarmUp ? Math.Min(Decay, (1.0 + Updates) / (10.0 + Updates)) : Decay;
        Updates++;
        using var noGrad = no_grad();
        foreach (var (_, value, average) in _entries)
            average.mul_(decay).add_(value, 1 - decay);
    }

    /// <summary>Overwrites the network's weights with the average.</summary>
    public void CopyToModule()
    {
        using var noGrad = no_grad();
        foreach (var (_, value, average) in _entries)
            value.copy_(average);
    }

    /// <summary>Runs something with the averaged weights, then puts the trained ones back.</summary>
    public void WithAverage(Action action)
    {
        using var scope = NewDisposeScope();
        Tensor[] kept = [.. _entries.Select(entry => entry.Value.detach().clone())];
        CopyToModule();
        try
        {
            action();
        }
        finally
        {
            using var noGrad = no_grad();
            for (var i = 0; i < kept.Length; i++)
                _entries[i].Value.copy_(kept[i]);
        }
    }

    /// <summary>Copies of the averages by parameter name, and <c>ema.updates</c>; the caller disposes them.</summary>
    public Dictionary<string, Tensor> Export()
    {
        var tensors = _entries.ToDictionary(entry => entry.Name, entry => entry.Average.clone());
        tensors["ema.updates"] = tensor([Updates], int64);
        return tensors;
    }

    /// <summary>Takes over exported averages.</summary>
    /// <exception cref="InvalidDataException">one is missing or has the wrong shape.</exception>
    public void Import(IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var noGrad = no_grad();
        foreach (var (name, _, average) in _entries)
            average.copy_(tensors.TryGetValue(name, out var saved) && saved.shape.SequenceEqual(average.shape)
                ? saved
                : throw new InvalidDataException(
                    $"averaged weight {name} is missing or is not [{string.Join(", ", average.shape)}]; "
                    + "resume from a checkpoint of the same model."));
        if (!tensors.TryGetValue("ema.updates", out var updates))
            throw new InvalidDataException("ema.updates is missing; resume from a whole checkpoint.");
        using var count = updates.cpu();
        Updates = count.data<long>()[0];
    }

    /// <summary>Releases the averages.</summary>
    public void Dispose()
    {
        foreach (var (_, _, average) in _entries)
            average.Dispose();
    }
}

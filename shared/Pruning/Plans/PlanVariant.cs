using Mlops.Diffusion.Models;

namespace Mlops.Pruning.Plans;

/// <summary>One sub-network that a timestep can be routed to: what it leaves out of the dense network.</summary>
public sealed class PlanVariant : IEquatable<PlanVariant>
{
    private static readonly IReadOnlyDictionary<string, IReadOnlyList<long>> NothingSliced =
        new Dictionary<string, IReadOnlyList<long>>();

    /// <param name="skip">Names of layers that are not called; kept in ordinal order, each once.</param>
    /// <param name="keep">Root module of a channel group to the channels it keeps, ascending; null: all.</param>
    /// <param name="pack">Its <see cref="Pack"/>.</param>
    public PlanVariant(
        IEnumerable<string> skip, IReadOnlyDictionary<string, IReadOnlyList<long>>? keep = null, string? pack = null)
    {
        Pack = pack;
        Skip = [.. skip.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        Keep = keep ?? NothingSliced;
    }

    /// <summary>The whole network.</summary>
    public static PlanVariant Dense { get; } = new([]);

    /// <summary>Names of the layers that are not called, in ordinal order.</summary>
    public IReadOnlyList<string> Skip { get; }

    /// <summary>Root module of a channel group to the dense network's channels it keeps.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Keep { get; }

    /// <summary>The weights that stand in for the network's own (<see cref="WeightPacks"/>); null: none.</summary>
    public string? Pack { get; }

    /// <summary>Whether nothing is left out, and the weights are the network's own.</summary>
    public bool IsDense => Skip.Count == 0 && Keep.Count == 0 && Pack is null;

    /// <summary>The variant that runs exactly the layers whose entry is true.</summary>
    public static PlanVariant FromMask(IReadOnlyList<LayerInfo> layers, IReadOnlyList<bool> run)
    {
        if (run.Count != layers.Count)
            throw new ArgumentException($"a mask of {run.Count} entries for {layers.Count} layers", nameof(run));

        return new PlanVariant(layers.Where((_, index) => !run[index]).Select(layer => layer.Name));
    }

    /// <summary>One entry per layer: false where the layer is skipped.</summary>
    /// <exception cref="InvalidDataException">The variant skips a layer that the model does not have.</exception>
    public bool[] RunMask(IReadOnlyList<LayerInfo> layers)
    {
        var known = layers.Select(layer => layer.Name).ToHashSet(StringComparer.Ordinal);
        if (Skip.FirstOrDefault(name => !known.Contains(name)) is { } stranger)
            throw new InvalidDataException(
                $"the pruning plan skips '{stranger}', which is not a gateable layer of this model; "
                + "use the plan with the model it was made for");

        return [.. layers.Select(layer => !Skip.Contains(layer.Name, StringComparer.Ordinal))];
    }

    /// <summary>Equal when the same layers are skipped, the same channels kept and the same weights used.</summary>
    public bool Equals(PlanVariant? other) => other is not null && Pack == other.Pack
        && Skip.SequenceEqual(other.Skip, StringComparer.Ordinal) && KeepsAs(other);

    /// <summary>The same layers and channels on other weights.</summary>
    public PlanVariant On(string? pack) => new(Skip, Keep, pack);

    /// <summary>Whether both keep the same channels.</summary>
    public bool KeepsAs(PlanVariant other) => Keep.Count == other.Keep.Count && Keep.All(
        entry => other.Keep.TryGetValue(entry.Key, out var theirs) && entry.Value.SequenceEqual(theirs));

    public override bool Equals(object? other) => Equals(other as PlanVariant);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var name in Skip)
            hash.Add(name, StringComparer.Ordinal);
        hash.Add(Keep.Count);
        hash.Add(Pack);
        return hash.ToHashCode();
    }
}

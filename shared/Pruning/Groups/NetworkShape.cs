namespace Mlops.Pruning.Groups;

/// <summary>What the group search needs to know of a network: no tensors, only sizes.</summary>
/// <param name="Shapes">Shape of every parameter by its name in the weight file.</param>
/// <param name="NormGroups">Number of groups of the group norm at a path.</param>
/// <param name="Heads">Number of heads that the attention layer at a path has now.</param>
public sealed record NetworkShape(
    IReadOnlyDictionary<string, IReadOnlyList<long>> Shapes, Func<string, int> NormGroups, Func<string, int> Heads)
{
    /// <summary>Layers that are none any more: what goes in comes out.</summary>
    public IReadOnlySet<string> LeftOut { get; init; } = new HashSet<string>();

    /// <summary>Layers that do not run at every timestep: what goes around one is what leaves it, too.</summary>
    public IReadOnlySet<string> Bypassed { get; init; } = new HashSet<string>();

    /// <summary>Whether a layer with a weight exists at a path.</summary>
    public bool Has(string module) => Shapes.ContainsKey(module + ".weight");

    /// <summary>First dimension of a layer's weight: its output channels.</summary>
    public int OutChannels(string module) => (int)Weight(module)[0];

    /// <summary>Second dimension of a layer's weight: its input channels.</summary>
    public int InChannels(string module) => (int)Weight(module)[1];

    private IReadOnlyList<long> Weight(string module) => Shapes.TryGetValue(module + ".weight", out var shape)
        ? shape
        : throw new InvalidDataException($"the network has no '{module}.weight'; its channels cannot be grouped");
}

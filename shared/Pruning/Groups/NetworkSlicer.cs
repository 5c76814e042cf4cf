using Mlops.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.Pruning.Groups;

/// <summary>
/// A network's weights while channels are cut out of them. Nothing changes in the model until
/// <see cref="ApplyTo"/>; every cut renumbers the groups that share a dimension with it.
/// </summary>
public sealed class NetworkSlicer : IDisposable
{
    private readonly Dictionary<string, Tensor> _weights;
    private readonly Dictionary<string, Tensor> _gradients;
    private readonly ChannelGroup[] _groups;
    private readonly Dictionary<string, int> _widths;
    private readonly Dictionary<string, IReadOnlyList<long>> _kept;

    /// <param name="weights">Every parameter by name; left as they are.</param>
    /// <param name="gradients">Gradients by parameter name, cut along
    /// with the weights; null when no score needs them.</param>
    public NetworkSlicer(
        IReadOnlyList<ChannelGroup> groups, IEnumerable<KeyValuePair<string, Tensor>> weights,
        IEnumerable<KeyValuePair<string, Tensor>>? gradients = null)
    {
        _groups = [.. groups];
        _widths = groups.ToDictionary(group => group.Root, group => group.Width);
        _kept = groups.ToDictionary(group => group.Root, group => All(group.Width));
        _weights = Detached(weights);
        _gradients = Detached(gradients ?? []);
    }

    /// <summary>The groups in the numbering of the weights as they are now.</summary>
    public IReadOnlyList<ChannelGroup> Groups => _groups;

    /// <summary>The weights as they are now.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => _weights;

    /// <summary>The gradients as they are now; empty when none were given.</summary>
    public IReadOnlyDictionary<string, Tensor> Gradients => _gradients;

    /// <summary>Root of every group that lost channels to the dense network's channels that are left of it.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Kept => _kept
        .Where(entry => entry.Value.Count < _widths[entry.Key]).ToDictionary(entry => entry.Key, entry => entry.Value);

    /// <summary>A slicer over a live model.</summary>
    public static NetworkSlicer Of(Denoiser model, IEnumerable<KeyValuePair<string, Tensor>>? gradients = null) => new(
        ChannelGroups.Of(model),
        model.Present().Select(weight => new KeyValuePair<string, Tensor>(weight.Name, weight.Value)),
        gradients);

    /// <summary>The same with weights of which there is the shape alone.</summary>
    public static NetworkSlicer OfShapes(Denoiser model) => new(
        ChannelGroups.Of(model),
        model.named_parameters().Select(weight => new KeyValuePair<string, Tensor>(weight.name, weight.parameter)));

    /// <summary>Cuts channels of one group out of all its members.</summary>
    /// <param name="index">Position in <see cref="Groups"/>.</param>
    /// <param name="channels">Root channels in the present numbering.</param>
    public void Remove(int index, IReadOnlyCollection<long> channels)
    {
        var group = _groups[index];
        var removed = channels.ToHashSet();
        if (removed.Any(channel => channel < 0 || channel >= group.Width) || removed.Count >= group.Width)
            throw new InvalidDataException(
                $"cannot cut {removed.Count} channels of '{group.Root}', which has {group.Width}; one must stay");
        if (removed.Count == 0)
            return;

        var gone = group.Members.ToDictionary(member => Side(member), member => member.Channels.Zip(member.RootChannels)
            .Where(pair => removed.Contains(pair.Second)).Select(pair => pair.First).ToHashSet());
        foreach (var member in group.Members)
            Cut(member, gone[Side(member)]);
        _kept[group.Root] = [.. _kept[group.Root].Where((_, position) => !removed.Contains(position))];
        for (var other = 0; other < _groups.Length; other++)
            _groups[other] = Renumbered(_groups[other], gone, other == index ? removed : []);
    }

    /// <summary>Puts other values, converted to its type, into a weight of the shape that it has now.</summary>
    public void Replace(string name, Tensor values)
    {
        using var old = _weights[name];
        _weights[name] = values.shape.SequenceEqual(old.shape)
            ? values.detach().to(old.dtype, copy: true).to(old.device).DetachFromDisposeScope()
            : throw new ArgumentException(
                $"values of shape [{string.Join(", ", values.shape)}] for '{name}'", nameof(values));
    }

    /// <summary>Cuts a network down to the channels that a plan keeps, numbered as in the dense network.</summary>
    /// <exception cref="InvalidDataException">The plan names a group
    /// or a channel that this network does not have.</exception>
    public void Keep(IReadOnlyDictionary<string, IReadOnlyList<long>> keep)
    {
        foreach (var (root, channels) in keep)
        {
            var index = Array.FindIndex(_groups, group => group.Root == root);
            if (index < 0 || channels.Count == 0 || channels[^1] >= _groups[index].Width)
                throw new InvalidDataException(
                    $"the pruning plan keeps channels of '{root}' that this model does not have; "
                    + "use the plan with the configuration it was made for");
            var stay = channels.ToHashSet();
            Remove(index, [.. All(_groups[index].Width).Where(c => !stay.Contains(c))]);
        }
    }

    /// <summary>Puts the cut weights into a model of the dense shapes.</summary>
    public void ApplyTo(Denoiser model)
    {
        var modules = model.named_modules().ToDictionary(entry => entry.name, entry => entry.module);
        foreach (var (name, module) in modules)
            foreach (var (kind, old) in module.named_parameters(recurse: false).ToList())
                if (_weights.GetValueOrDefault($"{name}.{kind}") is { } cut && !cut.shape.SequenceEqual(old.shape))
                    ModelWeights.Set(module, kind, cut.clone());
        // Channels cut inside heads make every head narrower; whole heads need no note, but change one that there is.
        foreach (var group in _groups.Where(group => group.Width < _widths[group.Root]))
            if (group.Root.EndsWith(".to_v", StringComparison.Ordinal)
                && (AttentionLayer)modules[group.Root[..^".to_v".Length]] is var attention
                && (attention.HeadWidths is not null || (group.UnitSize == 1 && group.NormGroups > 1)))
            {
                var heads = group.UnitSize == 1 ? group.NormGroups : group.Width / group.UnitSize;
                attention.HeadWidths = [.. Enumerable.Repeat((long)group.Width / heads, heads)];
            }
    }

    public void Dispose()
    {
        foreach (var tensor in _weights.Values.Concat(_gradients.Values))
            tensor.Dispose();
    }

    private static IReadOnlyList<long> All(int width) =>
        [.. Enumerable.Range(0, width).Select(channel => (long)channel)];

    private static Dictionary<string, Tensor> Detached(IEnumerable<KeyValuePair<string, Tensor>> tensors) =>
        tensors.ToDictionary(entry => entry.Key, entry => entry.Value.detach().DetachFromDisposeScope());

    private static (string Module, int Dimension) Side(GroupMember member) => (member.Module, Dimension(member.Kind));

    private static int Dimension(MemberKind kind) =>
        kind is MemberKind.ConvIn or MemberKind.LinearIn or MemberKind.Embedding ? 1 : 0;

    private void Cut(GroupMember member, HashSet<long> gone)
    {
        var dimension = Dimension(member.Kind);
        CutTensor(_weights, $"{member.Module}.weight", dimension, gone);
        CutTensor(_gradients, $"{member.Module}.weight", dimension, gone);
        if (dimension == 1)
            return;
        CutTensor(_weights, $"{member.Module}.bias", 0, gone);
        CutTensor(_gradients, $"{member.Module}.bias", 0, gone);
    }

    private static void CutTensor(Dictionary<string, Tensor> tensors, string name, int dimension, HashSet<long> gone)
    {
        if (!tensors.TryGetValue(name, out var old))
            return;

        using var scope = NewDisposeScope();
        var stay = All((int)old.shape[dimension]).Where(c => !gone.Contains(c)).ToArray();
        // Shapes alone have nothing that could be selected.
        var cut = old.IsAbsent()
            ? old.narrow(dimension, 0, stay.Length)
            : old.index_select(dimension, tensor(stay, device: old.device));
        tensors[name] = cut.DetachFromDisposeScope();
        old.Dispose();
    }

    private static ChannelGroup Renumbered(
        ChannelGroup group, Dictionary<(string, int), HashSet<long>> gone, HashSet<long> removedRoots)
    {
        if (removedRoots.Count == 0 && !group.Members.Any(member => gone.ContainsKey(Side(member))))
            return group;

        var roots = All(group.Width).Where(c => !removedRoots.Contains(c)).ToArray();
        var newRoot = roots.Select((old, now) => (old, now)).ToDictionary(pair => pair.old, pair => (long)pair.now);
        return group with
        {
            Width = roots.Length,
            Members = [.. group.Members.Select(
                member => Renumbered(member, gone.GetValueOrDefault(Side(member)), newRoot))],
        };
    }

    private static GroupMember Renumbered(GroupMember member, HashSet<long>? gone, Dictionary<long, long> newRoot)
    {
        var lost = (gone ?? []).Order().ToArray();
        var pairs = member.Channels.Zip(member.RootChannels).Where(pair => newRoot.ContainsKey(pair.Second)).ToArray();
        return member with
        {
            Channels = [.. pairs.Select(pair => pair.First - ~Array.BinarySearch(lost, pair.First))],
            RootChannels = [.. pairs.Select(pair => newRoot[pair.Second])],
        };
    }
}

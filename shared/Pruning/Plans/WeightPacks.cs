using Mlops.Diffusion.Models;
using Mlops.Diffusion.Weights;
using static TorchSharp.torch;

namespace Mlops.Pruning.Plans;

/// <summary>
/// Weights that stand in for a network's own in some variants of a plan; all others are shared. A pack is read when a
/// variant runs on it, and one is held at a time, however many there are.
/// </summary>
/// <param name="names">Of the parameters that each pack replaces.</param>
/// <param name="read">From a pack to its tensors by parameter name, new ones, in the caller's dispose scope.</param>
/// <param name="source">Where they come from; owned.</param>
public sealed class WeightPacks(
    IReadOnlyDictionary<string, IReadOnlyList<string>> names, Func<string, IReadOnlyDictionary<string, Tensor>> read,
    IDisposable? source = null) : IDisposable
{
    /// <summary>The pack of weights that were trained for the variants that run on it.</summary>
    public const string Tuned = "tuned";

    private const string Stem = "packs";

    private Denoiser? _network, _inner;
    private string? _held;

    /// <summary>Whether there is such a pack.</summary>
    public bool Has(string pack) => names.ContainsKey(pack);

    /// <summary>The packs beside a plan; null where the folder has none.</summary>
    public static WeightPacks? In(string folder) => File.Exists(Path.Combine(folder, $"{Stem}.safetensors"))
        ? Of(StoredTensors.OpenIn(folder, Stem))
        : null;

    /// <summary>The packs of a file, which is owned from here on.</summary>
    /// <param name="undo">From the layout of the file to the network's, by parameter name; null: they are alike.
    /// </param>
    public static WeightPacks Of(StoredTensors stored, Func<string, Tensor, Tensor>? undo = null)
    {
        var names = stored.Names.Select(name => name.Split(StoredTensors.SetSeparator, 2))
            .Where(parts => parts.Length == 2).GroupBy(parts => parts[0], parts => parts[1])
            .ToDictionary(pack => pack.Key, pack => (IReadOnlyList<string>)[.. pack], StringComparer.Ordinal);
        return new(
            names,
            pack => names[pack].ToDictionary(
                name => name,
                name => stored.ReadFinite(Key(pack, name)) is var read && undo is null ? read : undo(name, read)),
            stored);
    }

    /// <summary>Writes packs beside a plan.</summary>
    public void Save(string folder, IEnumerable<string> packs)
    {
        using var scope = NewDisposeScope();
        TensorsWriter.Write(folder, Stem, [.. Tensors(packs)], long.MaxValue);
    }

    /// <summary>Tensors under the names that they have in a file, in the caller's dispose scope.</summary>
    /// <exception cref="InvalidDataException">There is no such pack.</exception>
    public IEnumerable<KeyValuePair<string, Tensor>> Tensors(IEnumerable<string> packs) =>
        from pack in packs
        from entry in Read(pack)
        select KeyValuePair.Create(Key(pack, entry.Key), entry.Value);

    /// <summary>Names of the parameters that a pack replaces.</summary>
    public IReadOnlyList<string> NamesOf(string pack) => names[pack];

    /// <summary>Parameters of all packs together.</summary>
    public long Parameters() => names.Keys.Sum(pack =>
    {
        using var scope = NewDisposeScope();
        return Read(pack).Values.Sum(tensor => tensor.numel());
    });

    /// <summary>Modules whose weights every variant of a plan replaces: the network's own are never used. In a network
    /// that is cut they stay, because they say how wide it is.</summary>
    public IReadOnlySet<string> ReplacedBy(PruningPlan plan) => plan.Variants.All(variant => variant.Pack is not null)
            && (plan.RoutesChannels || plan.Variants[0].Keep.Count == 0)
        ? plan.Packs.Select(pack => names[pack].Select(ModuleOf)).Aggregate((common, next) => common.Intersect(next))
            .ToHashSet(StringComparer.Ordinal)
        : new HashSet<string>();

    /// <summary>The tensors of a pack by parameter name, in the caller's dispose scope.</summary>
    /// <exception cref="InvalidDataException">There is no such pack.</exception>
    public IReadOnlyDictionary<string, Tensor> Read(string pack) => Has(pack)
        ? read(pack)
        : throw new InvalidDataException(
            $"the pruning plan runs on the weights '{pack}', which are not beside it; make the plan again");

    /// <summary>The network on a pack; valid until another one is asked for.</summary>
    /// <param name="inner">Its weights are shared.</param>
    /// <exception cref="InvalidDataException">There is no such pack, or it has tensors that the network lacks.
    /// </exception>
    public Denoiser Network(Denoiser inner, string pack)
    {
        var network = Shell(inner);
        if (_held == pack)
            return network;
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var own = Own(inner);
        if (_held is { } old)
        {
            // Before the new one is read: both at once would take the place of two.
            var replaced = names[old].ToHashSet(StringComparer.Ordinal);
            network.SetAll((name, _) => replaced.Contains(name) ? own[name].detach() : null);
            _held = null;
        }

        var (tensors, like) = (Read(pack), own.Values.First(weight => !weight.IsAbsent()));
        if (tensors.Keys.FirstOrDefault(name => !own.ContainsKey(name)) is { } stranger)
            throw new InvalidDataException($"the weights '{pack}' have a tensor \"{stranger}\" that this model lacks; "
                + "use the plan with the model it was made for");
        network.SetAll((name, _) => tensors.GetValueOrDefault(name)?.to(like.dtype, like.device));
        network.Freeze();
        _held = pack;
        return network;
    }

    public void Dispose()
    {
        _network?.Dispose();
        (_network, _held) = (null, null);
        source?.Dispose();
    }

    /// <summary>The module that has a parameter.</summary>
    internal static string ModuleOf(string parameter) => parameter[..parameter.LastIndexOf('.')];

    /// <summary>The name of a tensor of a pack in a file.</summary>
    internal static string Key(string pack, string name) => $"{pack}{StoredTensors.SetSeparator}{name}";

    private static Dictionary<string, Tensor> Own(Denoiser inner) => inner.named_parameters().ToDictionary(
        weight => weight.name, weight => (Tensor)weight.parameter, StringComparer.Ordinal);

    /// <summary>A second tree of modules on the same weights.</summary>
    private Denoiser Shell(Denoiser inner)
    {
        if (_network is not null && ReferenceEquals(_inner, inner))
            return _network;
        _network?.Dispose();
        (_network, _inner, _held) = (ModelFamily.ShapeOnly(inner.Config), inner, null);
        var own = Own(inner);
        _network.SetAll((name, _) => own[name].IsAbsent() ? null : own[name].detach());
        SlicedShapes.Of(inner).ApplyTo(_network);
        _network.LeaveOut(inner.LeftOut);
        _network.Routing = inner.Routing;
        return _network;
    }
}

using static TorchSharp.torch;

namespace Mlops.Diffusion.Weights;

/// <summary>All tensors of a model, in one file or in shards behind an index.</summary>
public sealed class StoredTensors : IDisposable
{
    /// <summary>Stands between the name of a set and that of a tensor in it; names without it are the network's own.
    /// </summary>
    public const char SetSeparator = '/';

    private const string Suffix = ".safetensors", IndexPart = ".safetensors.index.";

    // What diffusers' save_pretrained adds to names for its `variant`.
    private static readonly string[] Variants = ["fp16", "bf16", "fp32"];

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsFile> _holder = new(StringComparer.Ordinal);

    private StoredTensors(string path) => Path = path;

    /// <summary>The file or index that was opened.</summary>
    public string Path { get; }

    /// <summary>Every tensor name.</summary>
    public IReadOnlyCollection<string> Names => _holder.Keys;

    /// <summary>Metadata of the (first) file.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _files[0].Header.Metadata;

    /// <summary>Opens a .safetensors file or an index of shards.</summary>
    /// <exception cref="FileNotFoundException">The file or one of its shards is missing.</exception>
    /// <exception cref="InvalidDataException">A file is a pickle or damaged, or index and shards disagree.</exception>
    public static StoredTensors Open(string path)
    {
        var stored = new StoredTensors(path);
        try
        {
            if (path.Contains(IndexPart, StringComparison.Ordinal))
                stored.AddShards(ShardIndex.Read(path));
            else
                stored.Add(SafetensorsFile.Open(path));
            return stored;
        }
        catch
        {
            stored.Dispose();
            throw;
        }
    }

    /// <summary>Opens the weights of a model folder: the plain file, else the index, else those of a variant.</summary>
    /// <param name="folder">The folder that holds config.json.</param>
    /// <param name="stem">File name without extension.</param>
    public static StoredTensors OpenIn(string folder, string stem)
    {
        string[] names =
        [
            stem + Suffix, $"{stem}{IndexPart}json",
            .. Variants.SelectMany(variant =>
                (string[])[$"{stem}.{variant}{Suffix}", $"{stem}{IndexPart}{variant}.json"]),
        ];
        if (names.FirstOrDefault(name => File.Exists(System.IO.Path.Combine(folder, name))) is { } found)
            return Open(System.IO.Path.Combine(folder, found));
        throw Directory.EnumerateFiles(folder).Order().FirstOrDefault(WeightFormat.HasPickleName) is { } pickle
            ? WeightFormat.PickleRefused(pickle)
            : new FileNotFoundException($"{folder} holds no {names[0]} and no {names[1]}, nor those of a variant; give "
                + "a folder that diffusers' save_pretrained wrote.", System.IO.Path.Combine(folder, names[0]));
    }

    /// <summary>What the header says of one tensor.</summary>
    public TensorEntry Entry(string name) => Holder(name).Header.Tensors[name];

    /// <summary>Copies one tensor out; it belongs to the caller's dispose scope.</summary>
    public Tensor Read(string name) => Holder(name).Read(name);

    /// <summary>Copies one tensor out after making sure that it holds no NaN and no infinity.</summary>
    /// <exception cref="InvalidDataException">It holds NaN or infinity.</exception>
    public Tensor ReadFinite(string name)
    {
        using var scope = NewDisposeScope();
        var tensor = Read(name);
        if (tensor.is_floating_point() && !tensor.isfinite().all().item<bool>())
            throw new InvalidDataException($"{Holder(name).Path}: tensor \"{name}\" holds NaN or infinity at position "
                + $"{tensor.flatten().isfinite().logical_not().nonzero()[0].item<long>()}; the training that wrote it "
                + "diverged, use an earlier checkpoint.");
        return scope.MoveToOuter(tensor);
    }

    /// <inheritdoc/>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    private SafetensorsFile Holder(string name) => _holder.TryGetValue(name, out var file)
        ? file
        : throw new InvalidDataException($"{Path} holds no tensor \"{name}\".");

    private void Add(SafetensorsFile file)
    {
        _files.Add(file);
        foreach (var name in file.Header.Tensors.Keys)
            if (!_holder.TryAdd(name, file))
                throw new InvalidDataException(
                    $"{file.Path} and {_holder[name].Path} both hold tensor \"{name}\"; write the shards again.");
    }

    private void AddShards(ShardIndex index)
    {
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;
        foreach (var shard in index.Files.Values.Distinct().Order(StringComparer.Ordinal))
            Add(SafetensorsFile.Open(System.IO.Path.Combine(folder, shard)));
        foreach (var (name, shard) in index.Files)
            if (!_holder.TryGetValue(name, out var file) || System.IO.Path.GetFileName(file.Path) != shard)
                throw new InvalidDataException($"{Path} says that {shard} holds tensor \"{name}\", but it does not; "
                    + "fetch all shards of the same version.");
        if (_holder.Keys.FirstOrDefault(name => !index.Files.ContainsKey(name)) is { } stray)
            throw new InvalidDataException($"{_holder[stray].Path} holds tensor \"{stray}\" that {Path} does not list; "
                + "fetch all shards of the same version.");
    }
}

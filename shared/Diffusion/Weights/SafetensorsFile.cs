using System.IO.MemoryMappedFiles;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Weights;

/// <summary>A safetensors file, memory-mapped: opening it reads
/// the header, a tensor is copied when asked for.</summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;

    private SafetensorsFile(string path, SafetensorsHeader header, MemoryMappedFile map)
    {
        (Path, Header, _map) = (path, header, map);
        _view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
    }

    /// <summary>Where the file lies.</summary>
    public string Path { get; }

    /// <summary>Names, types, shapes and metadata.</summary>
    public SafetensorsHeader Header { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is a pickle, truncated, or its header is wrong.</exception>
    public static SafetensorsFile Open(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path} does not exist; give the path of a .safetensors file.", path);
        WeightFormat.RefusePickle(path);
        var header = ReadHeader(path);
        return new SafetensorsFile(path, header, MemoryMappedFile.CreateFromFile(
            File.OpenHandle(path), null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false));
    }

    /// <summary>Reads and checks only the header.</summary>
    public static SafetensorsHeader ReadHeader(string path)
    {
        using var stream = File.OpenRead(path);
        return SafetensorsHeader.Read(stream, stream.Length, path);
    }

    /// <summary>Copies one tensor out of the file; the result belongs to the caller's dispose scope.</summary>
    /// <param name="name">Its name in the header.</param>
    /// <exception cref="InvalidDataException">No such tensor, or a type that torch does not have.</exception>
    public Tensor Read(string name)
    {
        var entry = Entry(name);
        var type = SafetensorsDtype.ToTorch(entry.Dtype)
            ?? throw new InvalidDataException($"{Path}: tensor \"{name}\" is stored as {entry.Dtype}, which cannot be "
                + "computed with here; store it as F32, F16 or BF16.");
        var tensor = empty([.. entry.Shape], dtype: type, device: CPU);
        if (entry.Bytes > 0)
            CopyTo(entry, tensor.bytes);
        return tensor;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.Dispose();
        _map.Dispose();
    }

    private TensorEntry Entry(string name) => Header.Tensors.TryGetValue(name, out var entry)
        ? entry
        : throw new InvalidDataException($"{Path} holds no tensor \"{name}\"; it has {Header.Tensors.Count} others.");

    private void CopyTo(TensorEntry entry, Span<byte> target)
    {
        if (entry.Bytes > 0)
            _view.SafeMemoryMappedViewHandle.ReadSpan((ulong)(Header.DataStart + entry.Start), target);
    }
}

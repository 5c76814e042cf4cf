namespace Mlops.Diffusion.Weights;

/// <summary>Tells weight files apart by name and first bytes, so that no pickle is ever opened.</summary>
public static class WeightFormat
{
    private static readonly string[] PickleExtensions = [".pt", ".pth", ".ckpt", ".bin", ".pkl", ".pickle"];

    /// <summary>Whether the name is one that pickled checkpoints carry.</summary>
    public static bool HasPickleName(string path) =>
        PickleExtensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Refuses files that would run code when loaded.</summary>
    /// <exception cref="InvalidDataException">The file is a pickle by name or by content.</exception>
    public static void RefusePickle(string path)
    {
        if (HasPickleName(path) || StartsLikePickle(path))
            throw PickleRefused(path);
    }

    /// <summary>The refusal, with the way out.</summary>
    public static InvalidDataException PickleRefused(string path) => new(
        $"{path} is a pickled checkpoint, which can run code when it is loaded; convert it once where you trust it, "
        + "with safetensors.torch.save_file(state_dict, \"diffusion_pytorch_model.safetensors\") in Python or "
        + "pipe.save_pretrained(folder, safe_serialization=True) in diffusers, and pass the .safetensors file.");

    private static bool StartsLikePickle(string path)
    {
        Span<byte> start = stackalloc byte[4];
        using var stream = File.OpenRead(path);
        var read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        // A zip archive (PK\3\4), or pickle protocol 2 to 5 (0x80, version). A safetensors header that long would be
        // far beyond its limit, unless the rest of the length is zero.
        return read == 4 && (start.SequenceEqual("PK\x03\x04"u8)
            || (start[0] == 0x80 && start[1] is >= 2 and <= 5 && !IsSafetensors(stream)));
    }

    private static bool IsSafetensors(FileStream stream)
    {
        Span<byte> start = stackalloc byte[9];
        stream.Position = 0;
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == 9
            && start[4..8].SequenceEqual("\0\0\0\0"u8) && start[8] == (byte)'{';
    }
}

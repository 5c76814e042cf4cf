using static TorchSharp.torch;

namespace Mlops.Diffusion.Weights;

/// <summary>Writes a model's tensors as one file, or as shards with an index when they are too large for one.</summary>
public static class TensorsWriter
{
    /// <summary>The shard size that diffusers uses: 10 GB.</summary>
    public const long DefaultShardBytes = 10_000_000_000;

    /// <summary>Writes all tensors below <paramref name="folder"/>; nothing is left behind when that fails.</summary>
    /// <param name="folder">Existing or new folder.</param>
    /// <param name="stem">File name without extension, <c>diffusion_pytorch_model</c>.</param>
    /// <param name="tensors">Names and tensors, in the order in which they fill the shards.</param>
    /// <param name="maxShardBytes">Tensor bytes per file; a larger tensor gets a file of its own.</param>
    public static void Write(
        string folder, string stem, IReadOnlyList<KeyValuePair<string, Tensor>> tensors,
        long maxShardBytes = DefaultShardBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxShardBytes);
        var shards = Split(tensors, maxShardBytes);
        if (shards.Count == 1)
        {
            SafetensorsWriter.Write(Path.Combine(folder, stem + ".safetensors"), shards[0]);
            return;
        }
        var staged = new List<StagedFile>();
        try
        {
            var files = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var i = 0; i < shards.Count; i++)
            {
                var name = $"{stem}-{i + 1:d5}-of-{shards.Count:d5}.safetensors";
                staged.Add(SafetensorsWriter.Stage(Path.Combine(folder, name), shards[i]));
                shards[i].ForEach(pair => files[pair.Key] = name);
            }
            var index = new ShardIndex(tensors.Sum(pair => SafetensorsWriter.Bytes(pair.Value)), files);
            staged.ForEach(file => file.Commit());
            // Last: a folder without its index is seen to be incomplete.
            AtomicFile.WriteText(Path.Combine(folder, stem + ".safetensors.index.json"), index.ToJson());
        }
        catch
        {
            staged.ForEach(file => file.Discard());
            throw;
        }
    }

    private static List<List<KeyValuePair<string, Tensor>>> Split(
        IReadOnlyList<KeyValuePair<string, Tensor>> tensors, long maxShardBytes)
    {
        var shards = new List<List<KeyValuePair<string, Tensor>>> { new() };
        var filled = 0L;
        foreach (var pair in tensors)
        {
            var bytes = SafetensorsWriter.Bytes(pair.Value);
            if (filled > 0 && filled + bytes > maxShardBytes)
            {
                shards.Add([]);
                filled = 0;
            }
            shards[^1].Add(pair);
            filled += bytes;
        }
        return shards;
    }
}

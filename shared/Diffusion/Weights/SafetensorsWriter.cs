using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Weights;

/// <summary>Writes safetensors files, atomically.</summary>
public static class SafetensorsWriter
{
    /// <summary>Writes tensors and metadata; an old file is replaced only when the new one is complete.</summary>
    /// <param name="tensors">Names and tensors, of any device and layout.</param>
    /// <param name="metadata">Free text; null writes <c>format = pt</c>, which other readers expect.</param>
    public static void Write(
        string path, IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null) => Stage(path, [.. tensors], metadata).Commit();

    internal static StagedFile Stage(
        string path, IReadOnlyCollection<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        // Large elements first keeps every tensor aligned to its own size.
        var ordered = tensors
            .OrderByDescending(pair => pair.Value.element_size())
            .ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .ToList();
        return AtomicFile.Stage(path, stream =>
        {
            stream.Write(Header(ordered, metadata ?? new Dictionary<string, string> { ["format"] = "pt" }));
            foreach (var (_, tensor) in ordered)
                WriteData(stream, tensor);
        });
    }

    /// <summary>Bytes that a tensor takes in a file.</summary>
    internal static long Bytes(Tensor tensor) => tensor.element_size() * tensor.numel();

    private static void WriteData(Stream stream, Tensor tensor)
    {
        if (tensor.numel() == 0)
            return;
        using var scope = NewDisposeScope();
        stream.Write(tensor.detach().cpu().contiguous().bytes);
    }

    private static byte[] Header(
        List<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        buffer.Write(new byte[8]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            var start = 0L;
            foreach (var (name, tensor) in tensors)
            {
                WriteEntry(json, name, tensor, start);
                start += Bytes(tensor);
            }
            json.WriteEndObject();
        }
        buffer.Write(Encoding.ASCII.GetBytes(new string(' ', (int)((8 - (buffer.Length % 8)) % 8))));
        var bytes = buffer.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)bytes.Length - 8);
        return bytes;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.Count == 0)
            return;
        json.WriteStartObject("__metadata__");
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, string name, Tensor tensor, long start)
    {
        json.WriteStartObject(name);
        json.WriteString("dtype", SafetensorsDtype.FromTorch(tensor.dtype));
        json.WriteStartArray("shape");
        foreach (var size in tensor.shape)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(start);
        json.WriteNumberValue(start + Bytes(tensor));
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

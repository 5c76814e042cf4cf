using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Mlops.Diffusion.Weights;

/// <summary>
/// The header of a safetensors file: 8 bytes of little-endian length, then JSON that maps every name to dtype, shape
/// and the byte range behind the header. Everything is checked before a byte of data is believed.
/// </summary>
public sealed record SafetensorsHeader(
    IReadOnlyDictionary<string, TensorEntry> Tensors, IReadOnlyDictionary<string, string> Metadata, long DataStart)
{
    /// <summary>The format's own limit: larger headers are attacks or accidents.</summary>
    public const long MaxHeaderBytes = 100_000_000;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>Reads and checks the header at the start of a file.</summary>
    /// <param name="stream">The file, at its beginning.</param>
    /// <exception cref="InvalidDataException">The file is truncated, malformed or lies about its contents.</exception>
    public static SafetensorsHeader Read(Stream stream, long length, string file)
    {
        if (length < 8)
            throw Bad(file, $"is {length} bytes long and cannot hold a safetensors header; fetch the file again");
        Span<byte> prefix = stackalloc byte[8];
        stream.ReadExactly(prefix);
        var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerBytes > (ulong)MaxHeaderBytes)
            throw Bad(file, $"announces a header of {headerBytes} bytes, more than the {MaxHeaderBytes} the format "
                + "allows; it is no safetensors file or was tampered with");
        if (headerBytes > (ulong)(length - 8))
            throw Bad(file, $"announces a header of {headerBytes} bytes but only {length - 8} follow; the file is "
                + "truncated, fetch it again");
        var json = new byte[headerBytes];
        stream.ReadExactly(json);
        return Parse(json, length - 8 - (long)headerBytes, file);
    }

    /// <summary>Parses the JSON part.</summary>
    /// <param name="json">UTF-8 text, possibly padded with spaces.</param>
    /// <param name="dataBytes">Bytes of tensor data that follow it in the file.</param>
    public static SafetensorsHeader Parse(byte[] json, long dataBytes, string file)
    {
        if (json.Length == 0 || json[0] != (byte)'{')
            throw Bad(file, "has a header that does not start with '{'; it is no safetensors file");
        using var document = ParseJson(json, file);
        var tensors = new Dictionary<string, TensorEntry>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in document.RootElement.EnumerateObject())
            if (property.Name == "__metadata__")
                ReadMetadata(property.Value, metadata, file);
            else
                tensors.Add(property.Name, ReadEntry(property, dataBytes, file));
        CheckCoverage(tensors.Values, dataBytes, file);
        return new SafetensorsHeader(tensors, metadata, 8 + json.Length);
    }

    private static JsonDocument ParseJson(byte[] json, string file)
    {
        try
        {
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(json);
            return JsonDocument.Parse(json, Strict);
        }
        catch (Exception exception) when (exception is JsonException or DecoderFallbackException)
        {
            throw new InvalidDataException(
                $"{file}: the header is not valid JSON ({exception.Message.TrimEnd('.')}); "
                + "fetch or write the file again.", exception);
        }
    }

    private static void ReadMetadata(JsonElement element, Dictionary<string, string> metadata, string file)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Bad(file, "has a __metadata__ entry that is no object; write the file again");
        foreach (var property in element.EnumerateObject())
            metadata.Add(property.Name, property.Value.ValueKind == JsonValueKind.String
                ? property.Value.GetString()!
                : throw Bad(file, $"has metadata \"{property.Name}\" that is no text; the format allows only text"));
    }

    private static TensorEntry ReadEntry(JsonProperty property, long dataBytes, string file)
    {
        var name = property.Name;
        var value = property.Value;
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String
            || !value.TryGetProperty("shape", out var shape) || Integers(shape) is not { } sizes
            || !value.TryGetProperty("data_offsets", out var range) || Integers(range) is not [var start, var end]
            || value.EnumerateObject().Count() != 3)
            throw Bad(file, $"describes tensor \"{name}\" without proper dtype, shape and data_offsets; "
                + "write the file again");
        var entry = new TensorEntry(name, dtype.GetString()!, sizes, start, end);
        Check(entry, dataBytes, file);
        return entry;
    }

    private static List<long>? Integers(JsonElement array)
    {
        if (array.ValueKind != JsonValueKind.Array)
            return null;
        var numbers = new List<long>();
        foreach (var item in array.EnumerateArray())
            if (item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var number) && number >= 0)
                numbers.Add(number);
            else
                return null;
        return numbers;
    }

    private static void Check(TensorEntry entry, long dataBytes, string file)
    {
        var size = SafetensorsDtype.Size(entry.Dtype)
            ?? throw Bad(file, $"stores tensor \"{entry.Name}\" as \"{entry.Dtype}\", a type the format does not "
                + "have; write it as F32");
        if (entry.Start > entry.End || entry.End > dataBytes)
            throw Bad(file, $"places tensor \"{entry.Name}\" at bytes {entry.Start} to {entry.End} of {dataBytes}; "
                + "the file is truncated or damaged, fetch it again");
        var bytes = Bytes(entry.Shape, size)
            ?? throw Bad(file, $"gives tensor \"{entry.Name}\" the impossible shape {entry.ShapeText}");
        if (bytes != entry.Bytes)
            throw Bad(file, $"gives tensor \"{entry.Name}\" {entry.Bytes} bytes where {entry.Dtype} of shape "
                + $"{entry.ShapeText} needs {bytes}; write the file again");
    }

    private static long? Bytes(IReadOnlyList<long> shape, long size)
    {
        if (shape.Contains(0))
            return 0;
        var bytes = (Int128)size;
        foreach (var length in shape)
            if ((bytes *= length) > long.MaxValue)
                return null;
        return (long)bytes;
    }

    private static void CheckCoverage(IEnumerable<TensorEntry> entries, long dataBytes, string file)
    {
        var expected = 0L;
        var before = "the header";
        foreach (var entry in entries.OrderBy(entry => entry.Start).ThenBy(entry => entry.End))
        {
            if (entry.Start < expected)
                throw Bad(file, $"lets tensor \"{entry.Name}\" overlap \"{before}\" at byte {entry.Start}; "
                    + "write the file again");
            if (entry.Start > expected)
                throw Bad(file, $"leaves {entry.Start - expected} unnamed bytes before tensor \"{entry.Name}\"; "
                    + "write the file again");
            (expected, before) = (entry.End, entry.Name);
        }
        if (expected != dataBytes)
            throw Bad(file, $"carries {dataBytes - expected} bytes that belong to no tensor after \"{before}\"; "
                + "write the file again");
    }

    private static InvalidDataException Bad(string file, string what) => new($"{file} {what}.");
}

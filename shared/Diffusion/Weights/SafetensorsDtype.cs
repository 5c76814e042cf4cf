using static TorchSharp.torch;

namespace Mlops.Diffusion.Weights;

/// <summary>The element types of the safetensors format and what they are called in torch.</summary>
public static class SafetensorsDtype
{
    private static readonly Dictionary<string, (int Bytes, ScalarType? Type)> Known = new()
    {
        ["F64"] = (8, ScalarType.Float64),
        ["F32"] = (4, ScalarType.Float32),
        ["F16"] = (2, ScalarType.Float16),
        ["BF16"] = (2, ScalarType.BFloat16),
        ["I64"] = (8, ScalarType.Int64),
        ["I32"] = (4, ScalarType.Int32),
        ["I16"] = (2, ScalarType.Int16),
        ["I8"] = (1, ScalarType.Int8),
        ["U8"] = (1, ScalarType.Byte),
        ["BOOL"] = (1, ScalarType.Bool),
        // Part of the format, without a counterpart in the torch versions we run on.
        ["U64"] = (8, null),
        ["U32"] = (4, null),
        ["U16"] = (2, null),
        ["F8_E4M3"] = (1, null),
        ["F8_E5M2"] = (1, null),
    };

    /// <summary>Bytes per element; null for a name that the format does not have.</summary>
    public static int? Size(string dtype) => Known.TryGetValue(dtype, out var known) ? known.Bytes : null;

    /// <summary>The torch type; null where torch has none.</summary>
    public static ScalarType? ToTorch(string dtype) => Known.TryGetValue(dtype, out var known) ? known.Type : null;

    /// <summary>The name that the format gives to a torch type.</summary>
    /// <exception cref="ArgumentException">The format cannot hold this type.</exception>
    public static string FromTorch(ScalarType type) =>
        Known.FirstOrDefault(known => known.Value.Type == type).Key
        ?? throw new ArgumentException($"safetensors files cannot hold {type} tensors; convert to Float32 first.");
}

namespace Mlops.Diffusion.Weights;

/// <summary>One tensor as a safetensors header describes it.</summary>
/// <param name="Dtype">Element type as the header spells it: <c>F32</c>, <c>I64</c>, …</param>
/// <param name="Shape">Sizes; empty for a scalar.</param>
/// <param name="Start">First byte, counted from the end of the header.</param>
/// <param name="End">Byte after the last one.</param>
public sealed record TensorEntry(string Name, string Dtype, IReadOnlyList<long> Shape, long Start, long End)
{
    /// <summary>Bytes of the tensor.</summary>
    public long Bytes => End - Start;

    /// <summary>The shape as people write it: <c>[8, 3, 3, 3]</c>.</summary>
    public string ShapeText => Shapes.Text(Shape);
}

/// <summary>Shapes in sentences.</summary>
internal static class Shapes
{
    public static string Text(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}

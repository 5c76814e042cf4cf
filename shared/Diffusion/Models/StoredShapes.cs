using Mlops.Diffusion.Weights;

namespace Mlops.Diffusion.Models;

/// <summary>Compares a weight file with the network that its configuration describes.</summary>
internal static class StoredShapes
{
    private const int Named = 3;

    /// <summary>Refuses missing, unexpected and wrongly shaped tensors, by name.</summary>
    /// <param name="shapeOnly">The network without weights.</param>
    /// <param name="names">Current name to stored name.</param>
    /// <param name="sliced">Whether sizes may differ; the number of dimensions may not.</param>
    /// <param name="optional">Paths of layers whose tensors may be missing.</param>
    /// <param name="locked">A tensor with a dimension more than the network's.</param>
    public static void Check(
        Denoiser shapeOnly, StoredTensors stored, IReadOnlyDictionary<string, string> names, bool sliced,
        IReadOnlyCollection<string> optional, string? locked)
    {
        var expected = shapeOnly.Shapes().Where(pair => names.ContainsKey(pair.Key)
            || !optional.Any(layer => pair.Key.StartsWith(layer + ".", StringComparison.Ordinal))).ToDictionary();
        Refuse(stored, "misses", expected.Keys.Where(name => !names.ContainsKey(name)).ToList());
        Refuse(stored, "holds the unexpected", names.Keys.Where(name => !expected.ContainsKey(name)).ToList());
        var wrong =
            from pair in expected
            let shape = stored.Entry(names[pair.Key]).Shape
            let dimensions = pair.Value.Length + (pair.Key == locked ? 1 : 0)
            where sliced ? shape.Count != dimensions : !shape.SequenceEqual(pair.Value)
            select $"\"{names[pair.Key]}\" with shape {Shapes.Text(shape)} instead of {Shapes.Text(pair.Value)}";
        if (wrong.FirstOrDefault() is { } first)
            throw new InvalidDataException($"{stored.Path} holds tensor {first}; use the weights that belong to this "
                + $"config.json.");
    }

    private static void Refuse(StoredTensors stored, string what, List<string> names)
    {
        if (names.Count == 0)
            return;
        var listed = string.Join(", ", names.Order(StringComparer.Ordinal).Take(Named).Select(name => $"\"{name}\""));
        var more = names.Count > Named ? $" and {names.Count - Named} more" : "";
        throw new InvalidDataException($"{stored.Path} {what} tensor {listed}{more}; "
            + "use the weights that belong to this config.json.");
    }
}

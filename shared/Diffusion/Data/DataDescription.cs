using System.Globalization;
using System.Text.Json;

namespace Mlops.Diffusion.Data;

/// <summary>What <c>data.json</c> says about an image set.</summary>
/// <param name="Source"><c>procedural</c>, <c>cifar10</c>, <c>idx</c>, <c>pictures</c> or <c>tensors</c>.</param>
/// <param name="Classes">Number of classes; 0 for none.</param>
/// <param name="Channels">1 for gray images, 3 for color, others for latents.</param>
/// <param name="Size">Side in pixels.</param>
/// <param name="Seed">Seed of the procedural set; 0 otherwise.</param>
/// <param name="Names">Class names, by label.</param>
/// <param name="Resized">Pictures that were cropped or scaled to this size.</param>
public sealed record DataDescription(
    string Source, int Classes, int Count, int Channels, int Size, long Seed, IReadOnlyList<string>? Names = null,
    int Resized = 0)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    internal const string Procedural = "procedural";
    internal const string Cifar = "cifar10";
    internal const string Idx = "idx";
    internal const string Pictures = "pictures";
    internal const string Tensors = "tensors";

    private static readonly string[] Sources = [Procedural, Cifar, Idx, Pictures, Tensors];

    /// <summary>Name of the file in the folder.</summary>
    public const string FileName = "data.json";

    /// <summary>What was found, in a line: <c>3,041 images, 10 classes, 12 resized</c>.</summary>
    public string InWords()
    {
        var culture = CultureInfo.InvariantCulture;
        return string.Create(culture, $"{Count:N0} images") + (Classes > 0 ? $", {Classes} classes" : "")
            + (Resized > 0 ? string.Create(culture, $", {Resized:N0} resized to {Size} x {Size}") : "");
    }

    /// <summary>Reads <c>data.json</c> of a folder.</summary>
    /// <exception cref="InvalidDataException">it is not a description.</exception>
    public static DataDescription Read(string folder) =>
        Parse(File.ReadAllBytes(Path.Combine(folder, FileName)), Path.Combine(folder, FileName));

    /// <summary>Reads the content of such a file; <paramref name="path"/> names it in messages.</summary>
    /// <exception cref="InvalidDataException">it is not a description.</exception>
    public static DataDescription Parse(byte[] content, string path)
    {
        try
        {
            var read = JsonSerializer.Deserialize<DataDescription>(content, Json);
            return read is { Count: > 0, Channels: > 0, Size: > 0 } && Sources.Contains(read.Source)
                ? read
                : throw new InvalidDataException($"{path} must name a source ({string.Join(", ", Sources)}), and "
                    + "channels, a count and a size above 0.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path} is not a data description: {exception.Message}", exception);
        }
    }

    /// <summary>Writes <c>data.json</c> into a folder.</summary>
    public void Write(string folder) =>
        File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json) + "\n");
}

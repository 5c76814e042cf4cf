using System.Text.Json;

namespace Mlops.Contracts.Evaluations;

/// <summary>What comparisons need of an evaluation: a number for every pair of samples from equal noise; the content of
/// <c>distances.json</c>. Squared distances, relative to the variance of the dense samples.</summary>
/// <param name="Format">Version of this layout.</param>
/// <param name="Protocol">Sampler, steps, images and seed; pairs of unlike protocol do not compare.</param>
/// <param name="Model">Digest of the dense model.</param>
/// <param name="Truth">Digest of the samples of the true trajectory; null if there were none.</param>
/// <param name="ToDense">Of the pruned model's sample to the dense one.</param>
/// <param name="ToTruth">Of the pruned model's sample to the true trajectory's.</param>
/// <param name="DenseToTruth">Of the dense model's sample to the true trajectory's.</param>
/// <param name="Ssim">Of both models' pictures; null for latents and tiny pictures.</param>
public sealed record PairDistances(
    string Format, string Protocol, string Model, string? Truth, IReadOnlyList<double> ToDense,
    IReadOnlyList<double>? ToTruth, IReadOnlyList<double>? DenseToTruth, IReadOnlyList<double>? Ssim)
{
    /// <summary>The file's name in an evaluation artifact.</summary>
    public const string FileName = "distances.json";

    /// <summary>The layout that this program writes and reads.</summary>
    public const string CurrentFormat = "mlops.distances/1";

    // A model that ran away is infinitely far.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Writes <c>distances.json</c> into a folder.</summary>
    public void Save(string folder) =>
        File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json));

    /// <summary>Reads the distances of an evaluation artifact.</summary>
    /// <exception cref="InvalidDataException">There are none, or not of this format.</exception>
    public static PairDistances Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new InvalidDataException(
                $"the evaluation has no {FileName}; it was made by an earlier version, run it again");
        try
        {
            var read = JsonSerializer.Deserialize<PairDistances>(File.ReadAllText(path), Json);
            return read is { Format: CurrentFormat } && read.AllOfOneLength()
                ? read
                : throw new InvalidDataException(
                    $"'{path}' is not of the format '{CurrentFormat}', or its lists differ in length");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    private bool AllOfOneLength() =>
        new[] { ToTruth, DenseToTruth, Ssim }.All(list => list is null || list.Count == ToDense.Count);
}

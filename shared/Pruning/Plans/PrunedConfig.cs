using System.Text.Json;
using Mlops.Diffusion.Models;

namespace Mlops.Pruning.Plans;

/// <summary>The entry <c>pruned</c> in the <c>config.json</c> of an exported model: the plan, and everything in which
/// the network differs from the dense one that the rest of the file describes. The class is renamed, so that no program
/// takes the model for the dense one.</summary>
/// <param name="Format">Version of this layout.</param>
/// <param name="Plan">The pruning plan, as its own file has it.</param>
/// <param name="Grid">What a step table's forecasts need to know of its sampler; null without a table.</param>
/// <param name="Time">What the network is given as its time: <c>native</c> timesteps, or those of <c>flow</c>.</param>
/// <param name="Absent">Modules without weights.</param>
/// <param name="Shapes">Tensors of another shape than the dense ones.</param>
/// <param name="NormGroups">Norms of fewer groups.</param>
/// <param name="Heads">Attention layers of other heads, and how many those are; all heads of a layer are equally wide.
/// </param>
public sealed record PrunedConfig(
    string Format, JsonElement Plan, PrunedGrid? Grid, string Time, IReadOnlyList<string> Absent,
    IReadOnlyDictionary<string, long[]> Shapes, IReadOnlyDictionary<string, long> NormGroups,
    IReadOnlyDictionary<string, long> Heads)
{
    /// <summary>The layout that this program writes and reads.</summary>
    public const string CurrentFormat = "mlops.pruned/1";

    /// <summary>Weights file, without extension: a name for which diffusers' own classes do not look.</summary>
    public const string Stem = "model";

    /// <summary>The values of <see cref="Time"/>.</summary>
    public const string Native = "native", Flow = "flow";

    /// <summary>Writes <c>config.json</c>.</summary>
    /// <param name="dense">What the dense network is.</param>
    public void Write(string path, ModelConfig dense) => File.WriteAllText(path, dense.With(SlicedShapes.Key, null)
        .With("_class_name", ModelConfig.PrunedPrefix + ClassOf(dense))
        .With(ModelConfig.PrunedKey, JsonSerializer.SerializeToNode(this, PlanFile.Strict)).ToJson() + "\n");

    /// <summary>Reads the entry of a model folder, and the configuration of the dense network; null where the folder
    /// has none.</summary>
    /// <exception cref="InvalidDataException">The entry is not understood.</exception>
    public static (PrunedConfig Entry, ModelConfig Dense)? Read(string folder)
    {
        var file = Path.Combine(ModelFolder.Locate(folder), "config.json");
        if (ModelConfig.PrunedEntry(file) is not { } found)
            return null;
        try
        {
            var entry = found.Entry.Deserialize<PrunedConfig>(PlanFile.Strict);
            return entry?.Format == CurrentFormat
                ? (entry, found.Dense)
                : throw new InvalidDataException(
                    $"{file}: \"pruned\" has format '{entry?.Format}'; this program reads '{CurrentFormat}'.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                $"{file}: \"pruned\" cannot be read ({exception.Message.TrimEnd('.')}); export the model again.",
                exception);
        }
    }

    /// <summary>The plan.</summary>
    /// <param name="source">Names it in messages.</param>
    public PruningPlan ToPlan(string source) => PlanFile.FromJson(Plan.GetRawText(), source);

    /// <summary>The class that is built; older files call a DiT by its more general name.</summary>
    public static string ClassOf(ModelConfig config) =>
        config.ClassName == "Transformer2DModel" ? "DiTTransformer2DModel" : config.ClassName;

    /// <summary>A tensor that is stored as [1, C] instead of [C]: a class that knows nothing of pruning refuses the
    /// file even under the name that it looks for.</summary>
    public static string LockOf(ModelConfig config) =>
        ClassOf(config) == "UNet2DModel" ? "conv_in.bias" : "pos_embed.proj.bias";
}

/// <summary>The steps of a table's sampler: time, and the network's input α·x_0 + σ·ε.</summary>
/// <param name="Prediction">What the network predicts, in diffusers' words, or <c>flow</c>.</param>
public sealed record PrunedGrid(
    string Prediction, IReadOnlyList<double> Timesteps, IReadOnlyList<double> Alphas, IReadOnlyList<double> Sigmas)
{
    // What another machine's rounding may change, and no forecast shows.
    private const double Rounding = 1e-6;

    /// <summary>Whether both are of the same steps.</summary>
    public bool IsNear(PrunedGrid other) => Prediction == other.Prediction && Near(Timesteps, other.Timesteps)
        && Near(Alphas, other.Alphas) && Near(Sigmas, other.Sigmas);

    private static bool Near(IReadOnlyList<double> own, IReadOnlyList<double> others) => own.Count == others.Count
        && own.Zip(others).All(pair => Math.Abs(pair.First - pair.Second) <= Rounding * Math.Max(1, pair.Second));
}

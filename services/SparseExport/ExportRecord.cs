using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Diffusion;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;
using Mlops.SparseExport.Onnx;
using static TorchSharp.torch;

namespace Mlops.SparseExport;

/// <summary>The content of <c>export.json</c>: what was written and how it was checked.</summary>
/// <param name="Format">native, pruned or padded.</param>
/// <param name="KeptRatio">MACs left / dense MACs, averaged over the native timesteps, of what was written: a padded
/// model keeps all.</param>
/// <param name="DenseMacs">Multiply-accumulates of the dense model, one sample, attention products included.</param>
/// <param name="PrunedMacs">The same of the pruned model, averaged over the native timesteps.</param>
/// <param name="DenseParameters">Parameters of the dense model.</param>
/// <param name="StoredParameters">Parameters in the written files.</param>
/// <param name="Variants">Distinct sub-networks.</param>
/// <param name="TotalKeptRatio">Multiply-accumulates left / dense ones of one whole image; null without a step table,
/// where they depend on the sampler.</param>
/// <param name="Calls">Calls of the network for one image; null without a step table.</param>
/// <param name="LargestDifference">Between outputs of the written files and of the model in memory, one timestep of
/// every variant.</param>
/// <param name="Use">How people load and call it.</param>
/// <param name="Base">Where it comes from.</param>
/// <param name="Image">What it draws, in the words of model hubs.</param>
/// <param name="Steps">The sampler and steps that a step table is for; null without one.</param>
/// <param name="GivenMacs">Multiply-accumulates of the model that this one was made from; null where that was dense.
/// </param>
/// <param name="Onnx">The network once more as ONNX; null where that was not asked for.</param>
public sealed record ExportRecord(
    string Format, string Method, double KeptRatio, long DenseMacs, double PrunedMacs, long DenseParameters,
    long StoredParameters, int Variants, double? TotalKeptRatio, int? Calls, double LargestDifference,
    PipelineUse Use, BaseModel Base, string Image, string? Steps, double? GivenMacs = null, OnnxRecord? Onnx = null)
{
    /// <summary>What is left of the given model's multiply-accumulates; null where that was dense.</summary>
    [JsonIgnore]
    public double? GivenRatio => PrunedMacs / GivenMacs;

    /// <summary>The file's name.</summary>
    public const string FileName = "export.json";

    // Float32 sums in another order differ by about 1e-6 of the result.
    private const double Tolerance = 1e-5;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    /// <summary>Reads the record of an exported folder; null where it has none.</summary>
    public static ExportRecord? Load(string folder) => Path.Combine(folder, FileName) is var path && File.Exists(path)
        ? JsonSerializer.Deserialize<ExportRecord>(File.ReadAllText(path), Json)
        : null;

    /// <summary>Writes it into the exported folder.</summary>
    public void Save(string folder) =>
        File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json) + "\n");

    /// <summary>Loads what was written and compares it with what it was written from.</summary>
    /// <exception cref="InvalidOperationException">The files predict something else.</exception>
    internal static ExportRecord Of(PrunedSource source, ExportFormat format, PipelineUse use, string folder, long seed)
    {
        using var written = PrunedModel.Load(folder);
        var difference = Difference(source, written, seed);
        if (!(difference <= Tolerance))
            throw new InvalidOperationException(
                $"the {format} files predict something else than the model they were written from: {difference:g3}");

        if (written.Steps != source.Plan.Steps)
            throw new InvalidOperationException($"the {format} files carry another step table than was asked for");
        var macs = written.MeanMacs;
        var (costs, total) = Totals(written, source.DenseMacs);
        return new ExportRecord(
            format.ToString().ToLowerInvariant(), source.Plan.Method, macs / source.DenseMacs, source.DenseMacs,
            macs, source.DenseParameters, written.Parameters, source.Plan.Variants.Count, total,
            costs?.Calls, difference, use, BaseModel.Of(source),
            "unconditional-image-generation",
            written.Steps is { } steps ? Describe(steps) : null, source.GivenMacs);
    }

    private static string Describe(StepTable table) => FormattableString.Invariant(
        $"{table.Sampler} with {table.Steps} steps and guidance {table.Guidance}")
        + (table.Timesteps is { } own ? $" at timesteps {string.Join(", ", own)}" : "")
        + (table.UseClippedModelOutput ? ", noise taken from the clipped sample" : "");

    private static (StepCosts? Costs, double? Kept) Totals(PrunedModel written, long denseMacs)
    {
        if (written.Steps is not { } table)
            return (null, null);
        var costs = written.Costs([], table.Guidance);
        return (costs, costs.Macs / StepCosts.Dense(denseMacs, table.DenseSteps, table.Guidance).Macs);
    }

    private static double Difference(PrunedSource source, PrunedModel written, long seed)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Generator(Seeds.Of(seed, "export-probe"));
        var (channels, height, width) = source.Model.Model.SampleShape;
        var sample = randn([2, channels, height, width], float32, CPU, generator: generator);
        var labels = source.Model.Model.Classes > 0 ? tensor([0L, source.Model.Model.Classes - 1L], device: CPU) : null;
        var worst = 0.0;
        var row = 0;
        // A flow's row k is its times in (k, k + 1].
        var shift = NoiseSchedulers.Parse(source.SchedulerJson).Schedule is null ? 1 : 0;
        foreach (var run in source.Plan.Rows)
        {
            var (expected, actual) = (
                Output(source.Model.Model, row + shift), Output(written.Model, row + shift));
            var scale = Math.Max(1, expected.abs().max().item<float>());
            worst = Math.Max(worst, (expected - actual).abs().max().item<float>() / scale);
            row += run.Length;
        }

        return worst;

        Tensor Output(Denoiser model, long timestep)
        {
            model.eval();
            return model.Predict(sample, tensor([timestep, timestep], device: CPU), labels);
        }
    }
}

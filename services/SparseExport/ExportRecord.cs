using Mlops.Diffusion;
using Mlops.Diffusion.Models;
using Mlops.Pruning.Plans;
using static TorchSharp.torch;

namespace Mlops.SparseExport;

/// <summary>The content of <c>export.json</c>: what was written and how it was checked.</summary>
/// <param name="Format">native, planned, padded or routed.</param>
/// <param name="KeptRatio">MACs left / dense MACs on the real masks, averaged over the native timesteps.</param>
/// <param name="DenseMacs">Multiply-accumulates of the dense model, one sample, attention products included.</param>
/// <param name="PrunedMacs">The same of the pruned model, averaged over the native timesteps.</param>
/// <param name="LargestDifference">Between outputs of the written files
/// and of the model in memory, one timestep of every variant.</param>
public sealed record ExportRecord(
    string Format, string Method, double KeptRatio, long DenseMacs, double PrunedMacs, long DenseParameters,
    long StoredParameters, int Variants, double LargestDifference)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "export.json";

    // Float32 sums in another order differ by about 1e-6 of the result.
    private const double Tolerance = 1e-4;

    /// <summary>Loads what was written and compares it with what it was written from.</summary>
    /// <exception cref="InvalidOperationException">The files predict something else.</exception>
    internal static ExportRecord Of(PrunedSource source, ExportFormat format, string folder, long seed)
    {
        using var written = PrunedModel.Load(folder);
        var difference = Difference(source, written, seed);
        if (!(difference <= Tolerance))
            throw new InvalidOperationException(
                $"the {format} files predict something else than the model they were written from: {difference:g3}");

        return new ExportRecord(
            format.ToString().ToLowerInvariant(), source.Plan.Method, source.Plan.KeptRatio, source.DenseMacs,
            source.Model.MeanMacs, source.DenseParameters, written.Parameters, source.Plan.Variants.Count, difference);
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
        foreach (var run in source.Plan.Rows)
        {
            var (expected, actual) = (Output(source.Model.Model, row), Output(written.Model, row));
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

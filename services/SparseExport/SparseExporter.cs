using Mlops.Platform.Jobs;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;
using Mlops.SparseExport.Onnx;

namespace Mlops.SparseExport;

/// <summary>Writes the pruned model as files that standard tools load, and checks them by loading them again.</summary>
public sealed class SparseExporter : IJobWorker
{
    /// <inheritdoc/>
    public string OutputKind => "pruned";

    /// <inheritdoc/>
    public string Protocol => "export-sparse/2";

    /// <summary>Refuses what cannot be chosen from scores of a model.</summary>
    /// <param name="scores">In the form that they will have.</param>
    /// <exception cref="InvalidDataException">The budget is below what it always keeps, or the scores are not for an
    /// export.</exception>
    public static void Check(SparseExportOptions options, GivenShape given, ImportanceScores scores) =>
        PrunedSource.Check(options, given.Network, given.Plan, scores);

    /// <inheritdoc/>
    public async Task WriteAsync(JobContext job, string outputFolder, CancellationToken cancellationToken)
    {
        var options = job.Options<SparseExportOptions>();
        job.Progress.Report(new JobProgress(0, "choosing what to remove"));
        using var source = await PrunedSource.OpenAsync(job, options, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        Write(source, options.Format, outputFolder, job.Order.Seed, job.Progress);
    }

    /// <summary>Writes a pruned folder in another format.</summary>
    /// <param name="pruned">A folder in the format <c>pruned</c>; it stays as it is.</param>
    /// <param name="outputFolder">Empty.</param>
    /// <exception cref="InvalidDataException">The folder holds no plan, or the format cannot hold it.</exception>
    public static void Convert(string pruned, ExportFormat format, string outputFolder, IProgress<JobProgress> progress)
    {
        using var source = PrunedSource.Open(pruned);
        Write(source, format, outputFolder, seed: 0, progress);
    }

    private static void Write(
        PrunedSource source, ExportFormat wanted, string outputFolder, long seed, IProgress<JobProgress> progress)
    {
        progress.Report(new JobProgress(0.6, $"writing a model with {source.Plan.KeptRatio:0.0%} of the MACs"));
        var component = PipelineFolder.NetworkFolder(source.Model.Inner);
        var format = Layout.Write(source, wanted, Path.Combine(outputFolder, component));
        var use = PipelineFolder.Write(outputFolder, source, format);
        progress.Report(new JobProgress(0.8, "comparing the written model with the one in memory"));
        var record = ExportRecord.Of(source, format, use, outputFolder, seed);
        if (wanted == ExportFormat.Onnx)
        {
            progress.Report(new JobProgress(0.9, "writing ONNX, which onnxruntime checks"));
            record = record with { Onnx = OnnxRecord.Write(source, outputFolder, component, seed) };
        }

        record.Save(outputFolder);
        ModelCard.Write(outputFolder, record);
        var left = record.TotalKeptRatio is { } total
            ? $"{total:0.0%} of the MACs of an image, {record.Calls} calls"
            : $"{record.KeptRatio:0.0%} of the MACs";
        left += record.GivenRatio is { } ratio ? $" of the dense model, {ratio:0.0%} a call of the given one" : "";
        progress.Report(new JobProgress(1,
            $"wrote a {record.Format} model, {left}{(record.Onnx is { } onnx ? $"; {onnx.Summary()}" : "")}"));
    }
}

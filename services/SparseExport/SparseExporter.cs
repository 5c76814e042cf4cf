using Mlops.Platform.Jobs;

namespace Mlops.SparseExport;

/// <summary>Writes the pruned model as files that standard tools load, and checks them by loading them again.</summary>
public sealed class SparseExporter : IJobWorker
{
    /// <inheritdoc/>
    public string OutputKind => "pruned";

    /// <inheritdoc/>
    public string Protocol => "export-sparse/2";

    /// <inheritdoc/>
    public async Task WriteAsync(JobContext job, string outputFolder, CancellationToken cancellationToken)
    {
        var options = job.Options<SparseExportOptions>();
        job.Progress.Report(new JobProgress(0, "choosing what to remove"));
        using var source = await PrunedSource.OpenAsync(job, options, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        job.Progress.Report(new JobProgress(0.6, $"writing a model with {source.Plan.KeptRatio:0.0%} of the MACs"));
        var network = Path.Combine(outputFolder, PipelineFolder.NetworkFolder(source.Model.Inner));
        var format = Layout.Write(source, options.Format, network);
        var use = PipelineFolder.Write(outputFolder, source, format);
        job.Progress.Report(new JobProgress(0.8, "comparing the written model with the one in memory"));
        var record = ExportRecord.Of(source, format, use, outputFolder, job.Order.Seed);
        record.Save(outputFolder);
        ModelCard.Write(outputFolder, record);
        var left = record.TotalKeptRatio is { } total
            ? $"{total:0.0%} of the MACs of an image, {record.Calls} calls"
            : $"{record.KeptRatio:0.0%} of the MACs";
        job.Progress.Report(new JobProgress(1, $"wrote a {record.Format} model, {left}"));
    }
}

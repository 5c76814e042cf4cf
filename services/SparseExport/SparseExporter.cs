using System.Text.Json;
using Mlops.Platform.Jobs;

namespace Mlops.SparseExport;

/// <summary>Writes the pruned model as files that standard tools load, and checks them by loading them again.</summary>
public sealed class SparseExporter : IJobWorker
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    /// <inheritdoc/>
    public string OutputKind => "pruned";

    /// <inheritdoc/>
    public string Protocol => "export-sparse/1";

    /// <inheritdoc/>
    public async Task WriteAsync(JobContext job, string outputFolder, CancellationToken cancellationToken)
    {
        var options = job.Options<SparseExportOptions>();
        job.Progress.Report(new JobProgress(0, "choosing what to remove"));
        using var source = await PrunedSource.OpenAsync(job, options, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        job.Progress.Report(new JobProgress(0.6, $"writing a model with {source.Plan.KeptRatio:0.0%} of the MACs"));
        var format = Layout.Write(source, options.Format, outputFolder);
        job.Progress.Report(new JobProgress(0.8, "comparing the written model with the one in memory"));
        var record = ExportRecord.Of(source, format, outputFolder, job.Order.Seed);
        var text = JsonSerializer.Serialize(record, Json);
        await File.WriteAllTextAsync(Path.Combine(outputFolder, ExportRecord.FileName), text, cancellationToken);
        var left = record.TotalKeptRatio is { } total
            ? $"{total:0.0%} of the MACs of an image, {record.Calls} calls"
            : $"{record.KeptRatio:0.0%} of the MACs";
        job.Progress.Report(new JobProgress(1, $"wrote a {record.Format} model, {left}"));
    }
}

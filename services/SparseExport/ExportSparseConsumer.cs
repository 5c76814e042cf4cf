using MassTransit;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Platform.Jobs;

namespace Mlops.SparseExport;

/// <summary>Owner of the command <see cref="ExportSparse"/>.</summary>
public sealed class ExportSparseConsumer(JobRunner jobs, SparseExporter exporter) : IConsumer<ExportSparse>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ExportSparse> context) => jobs.RunAsync(
        context.Message.RunId, context.Message.Job, exporter,
        result => new SparseExported(context.Message.RunId, result), context.CancellationToken);
}

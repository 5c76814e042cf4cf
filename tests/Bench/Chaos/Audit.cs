using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts.Events;
using Mlops.Platform.Bus;

namespace Mlops.Bench.Chaos;

/// <summary>
/// Records, from a durable queue that no kill empties, every result that was accepted. A message may come twice,
/// because it is sent again after a kill; its id tells, so that only a second decision counts as a second result.
/// </summary>
public sealed class Audit
{
    private readonly ConcurrentDictionary<(Guid RunId, string JobId), ConcurrentDictionary<Guid, string>> _accepted =
        new();

    /// <summary>What a host must register to keep the audit.</summary>
    public ServiceModule Module => new(
        "audit", services => services.AddSingleton(this),
        bus => bus.AddQueue<AuditConsumer>("chaos-audit", prefetch: 16, concurrency: 1));

    /// <summary>Jobs of which more than one result was accepted.</summary>
    public IReadOnlyList<string> Duplicated =>
    [
        .. _accepted.Where(job => job.Value.Count > 1)
            .Select(job => $"{job.Key.RunId:N}/{job.Key.JobId}: {string.Join(", ", job.Value.Values)}"),
    ];

    /// <summary>Records a result.</summary>
    public void Record(JobCompleted message, Guid messageId) => _accepted
        .GetOrAdd((message.RunId, message.Result.JobId), _ => new())[messageId] = message.Result.Output.Sha256;
}

/// <summary>Feeds the audit.</summary>
public sealed class AuditConsumer(Audit audit) : IConsumer<JobCompleted>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<JobCompleted> context)
    {
        audit.Record(context.Message, context.MessageId!.Value);
        return Task.CompletedTask;
    }
}

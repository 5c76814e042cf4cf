using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts;
using Mlops.Platform.Bus;
using Mlops.Platform.Jobs;

namespace Mlops.Tests.Orchestrator.Support;

/// <summary>
/// The work of all services, as a test wants it: by default a file that depends on order and inputs.
/// </summary>
public sealed class FakeWork : IJobWorker
{
    private readonly ConcurrentDictionary<string, int> _executed = new();

    /// <summary>What jobs do instead of the default, by job id.</summary>
    public ConcurrentDictionary<string, Func<JobContext, string, CancellationToken, Task>> Instead { get; } = new();

    public string OutputKind => "fake";

    public string Protocol => "fake/1";

    /// <summary>How often the work of a job was begun.</summary>
    public int Executions(string jobId) => _executed.GetValueOrDefault(jobId);

    public Task WriteAsync(JobContext job, string outputFolder, CancellationToken cancellationToken)
    {
        _executed.AddOrUpdate(job.Order.JobId, 1, (_, count) => count + 1);
        return Instead.TryGetValue(job.Order.JobId, out var work)
            ? work(job, outputFolder, cancellationToken)
            : WriteInputsAsync(job, outputFolder, cancellationToken);
    }

    /// <summary>Writes one file that names settings, seed and the contents of the inputs.</summary>
    public static async Task WriteInputsAsync(JobContext job, string outputFolder, CancellationToken cancellationToken)
    {
        var text = $"{job.Order.Settings} {job.Order.Seed}";
        foreach (var role in job.Order.Inputs.Keys.Order(StringComparer.Ordinal))
            foreach (var file in Directory.GetFiles(await job.FolderAsync(role, cancellationToken)))
                text += $"\n{role}: {await File.ReadAllTextAsync(file, cancellationToken)}";
        await File.WriteAllTextAsync(Path.Combine(outputFolder, "result.txt"), text, cancellationToken);
    }
}

/// <summary>All services, of which only the work is not real.</summary>
public static class FakeServices
{
    public static ServiceModule Module(FakeWork work) => new(
        "fake", services => services.AddSingleton(work),
        bus =>
        {
            foreach (var row in JobKinds.All)
                bus.AddJobConsumer<FakeWork>(row.Kind);
        });
}

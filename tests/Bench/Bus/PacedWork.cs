using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts;
using Mlops.Platform.Bus;
using Mlops.Platform.Jobs;

namespace Mlops.Bench.Bus;

/// <summary>A job that lasts as long as its settings say and computes nothing, so that all else is overhead.</summary>
public sealed class PacedWork : IJobWorker
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<long>> _begun = new();

    /// <inheritdoc/>
    public string OutputKind => "scores";

    /// <inheritdoc/>
    public string Protocol => "paced/1";

    /// <inheritdoc/>
    public bool UsesCompute => false;

    /// <summary>The module of a worker that does it.</summary>
    public ServiceModule Module => new(
        "paced", services => services.AddSingleton(this),
        bus => bus.AddJobConsumer<PacedWork>(JobKind.ScoreImportance));

    /// <summary>A recipe of equal jobs, one after the other.</summary>
    public static string Recipe(int jobs, double seconds)
    {
        var text = "name: paced\ndescription: Jobs that only last.\nseed: 0\nmacs: 0.5\njobs:\n";
        for (var job = 0; job < jobs; job++)
        {
            var source = job == 0 ? "data" : $"job{job - 1}";
            var options = string.Create(CultureInfo.InvariantCulture, $"seconds: {seconds}, number: {job}");
            text += $"  - id: job{job}\n    job: score-importance\n"
                + $"    uses: {{ data: {source} }}\n    with: {{ {options} }}\n";
        }

        return text;
    }

    /// <summary>When the first job of a run began to work, as a time stamp of the stopwatch.</summary>
    public Task<long> BegunAsync(Guid runId) => Begun(runId).Task;

    /// <inheritdoc/>
    public async Task WriteAsync(JobContext job, string outputFolder, CancellationToken cancellationToken)
    {
        Begun(job.RunId).TrySetResult(Stopwatch.GetTimestamp());
        var options = job.Options<PacedOptions>();
        await Task.Delay(TimeSpan.FromSeconds(options.Seconds), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(outputFolder, "paced.json"), job.Order.Settings, cancellationToken);
    }

    private TaskCompletionSource<long> Begun(Guid runId) =>
        _begun.GetOrAdd(runId, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>What such a job is told.</summary>
public sealed record PacedOptions
{
    /// <summary>How long it lasts.</summary>
    public double Seconds { get; init; }

    /// <summary>Makes jobs of one run differ.</summary>
    public int Number { get; init; }
}

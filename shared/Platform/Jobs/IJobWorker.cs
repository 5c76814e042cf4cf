namespace Mlops.Platform.Jobs;

/// <summary>
/// The work of a service, free of messages: reads its input folders, writes the files of its artifact.
/// The result must be a function of settings, inputs and seed alone, because an equal order is answered from the cache.
/// </summary>
public interface IJobWorker
{
    /// <summary>
    /// Kind of the artifact: <c>scores</c>, <c>schedule</c>, <c>tuned</c>, <c>pruned</c>, <c>evaluation</c>.
    /// </summary>
    string OutputKind { get; }

    /// <summary>
    /// Name and version of what the worker does, for example <c>score-importance/1</c>. Part of the cache key: raise
    /// the number whenever the same order gives a different result.
    /// </summary>
    string Protocol { get; }

    /// <summary>
    /// Whether the work itself keeps the cores busy and so takes the process-wide <see cref="ComputeSlot"/>; false for
    /// work that waits for other workers.
    /// </summary>
    bool UsesCompute => true;

    /// <summary>
    /// Does the work. On cancellation it saves a checkpoint and throws <see cref="OperationCanceledException"/>. Bad
    /// input is <see cref="InvalidDataException"/> or <see cref="ArgumentException"/> with one sentence: what, where,
    /// how to fix it.
    /// </summary>
    /// <param name="outputFolder">An empty folder; every file written below it becomes part of the artifact.</param>
    Task WriteAsync(JobContext job, string outputFolder, CancellationToken cancellationToken);
}

using System.Collections.Concurrent;
using Mlops.Contracts;
using Mlops.Contracts.Evaluations;
using Mlops.Orchestrator.Runs;
using Mlops.Platform.Errors;
using Mlops.Platform.Objects;

namespace Mlops.Orchestrator.Api;

/// <summary>Runs as they are told, with what their evaluations found. An evaluation never changes, so each is read from
/// the object store once.</summary>
public sealed class RunEvaluations(ArtifactStore artifacts, TimeProvider time)
{
    // The history is there to be looked at while the object store is unavailable, too.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<ObjectRef, EvaluationResponse> _read = new();

    /// <summary>The public part of runs, in their order.</summary>
    public async Task<IReadOnlyList<RunResponse>> DescribeAsync(
        IEnumerable<RunState> runs, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        var described = await Task.WhenAll(runs.Select(run => WithEvaluationAsync(run, limit.Token)));
        cancellationToken.ThrowIfCancellationRequested();
        return described;
    }

    /// <summary>The public part of a run.</summary>
    public async Task<RunResponse> DescribeAsync(RunState run, CancellationToken cancellationToken) =>
        (await DescribeAsync([run], cancellationToken))[0];

    private async Task<RunResponse> WithEvaluationAsync(RunState run, CancellationToken cancellationToken)
    {
        var response = RunResponse.From(run, time.GetUtcNow());
        return run.Jobs.FindLast(job => job is { Kind: JobKind.Evaluate, Output: not null }) is { Output: { } output }
            ? response with { Evaluation = await ReadAsync(output, cancellationToken) }
            : response;
    }

    private async Task<EvaluationResponse> ReadAsync(ObjectRef output, CancellationToken cancellationToken)
    {
        if (_read.TryGetValue(output, out var known))
            return known;
        try
        {
            var (content, reference) = await artifacts.OpenFileAsync(
                output, EvaluationReport.FileName, cancellationToken) ?? throw new InvalidDataException(
                $"artifact {output.Sha256} has no {EvaluationReport.FileName}");
            using var reader = new StreamReader(content);
            var report = EvaluationReport.Parse(await reader.ReadToEndAsync(cancellationToken), reference.Sha256);
            return _read[output] = EvaluationResponse.From(report);
        }
        catch (Exception exception)
        {
            // The boundary to the object store: it is said of this run alone, and tried again the next time.
            return new(RunVerdict.Unreadable, Method: null, Kept: null, [exception is OperationCanceledException
                ? "the object store does not answer"
                : Failures.ReasonOf(exception)]);
        }
    }
}

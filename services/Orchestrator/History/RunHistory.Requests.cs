using Microsoft.EntityFrameworkCore;
using Mlops.Orchestrator.Requests;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.History;

/// <summary>Requests: what was asked for under which run id, so that a repeat starts nothing.</summary>
public sealed partial class RunHistory
{
    /// <summary>How a request compares to an earlier one for the same run; null if there was none.</summary>
    internal async Task<AnswerKind?> RecallAsync(Guid runId, string digest, CancellationToken cancellationToken)
    {
        await using var history = new HistoryContext(_options);
        return await RecallAsync(history, runId, digest, cancellationToken);
    }

    /// <summary>Keeps a request and what was decided upon it, unless another came first.</summary>
    internal async Task<AnswerKind> AcceptAsync(
        Guid runId, string digest, Func<RunState?, Decision> decide, CancellationToken cancellationToken)
    {
        var answer = AnswerKind.Started;
        await WriteAsync(
            async history =>
            {
                answer = await RecallAsync(history, runId, digest, cancellationToken) ?? AnswerKind.Started;
                if (answer != AnswerKind.Started)
                    return false;
                history.Requests.Add(new RequestRow { RunId = runId, Digest = digest });
                return await ApplyAsync(history, runId, decide, cancellationToken);
            },
            cancellationToken);
        return answer;
    }

    private static async Task<AnswerKind?> RecallAsync(
        HistoryContext history, Guid runId, string digest, CancellationToken cancellationToken)
    {
        if (await history.Requests.FindAsync([runId], cancellationToken) is { } request)
            return request.Digest == digest ? AnswerKind.Repeated : AnswerKind.Conflicting;
        // A run that was started without a request has no digest to compare with.
        return await history.Runs.AnyAsync(run => run.RunId == runId, cancellationToken)
            ? AnswerKind.Conflicting
            : null;
    }
}

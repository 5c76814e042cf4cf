using Microsoft.EntityFrameworkCore;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Schedules;

namespace Mlops.Orchestrator.History;

/// <summary>The nights: what became of each, in the same transaction as the commands that follow from it.</summary>
public sealed partial class RunHistory
{
    // A clock may be set back by less than this, and the night that was just decided stays decided.
    private static readonly TimeSpan Future = TimeSpan.FromMinutes(1);

    /// <summary>Applies a decision to the fires of a schedule.</summary>
    /// <param name="decide">Pure; gets what is known of them.</param>
    internal async Task<FireDecision> DecideFiresAsync(
        string schedule, Func<Situation, FireDecision> decide, CancellationToken cancellationToken)
    {
        FireDecision? decision = null;
        await WriteAsync(
            async history =>
            {
                await ForgetFutureAsync(history, schedule, cancellationToken);
                decision = decide(await SituationAsync(history, schedule, cancellationToken));
                foreach (var fire in decision.Fires)
                    await PutAsync(history, fire, cancellationToken);
                history.Outbox.AddRange(
                    decision.Messages.Select(each => ToRow(each.RunId, new Outgoing(each.Message, Now))));
                return decision.Messages.Count > 0;
            },
            cancellationToken);
        return decision!;
    }

    /// <summary>Changes a fire and says so, unless there is nothing to change any more.</summary>
    /// <param name="change">Null to leave it as it is.</param>
    /// <param name="message">What to say; null for nothing.</param>
    internal Task ChangeFireAsync(
        Guid runId, Func<Fire, Fire?> change, object? message, CancellationToken cancellationToken) =>
        WriteAsync(
            async history =>
            {
                if (await history.Fires.FindAsync([runId], cancellationToken) is not { } row
                    || change(row.ToFire()) is not { } changed)
                    return false;
                row.Take(changed);
                if (message is not null)
                    history.Outbox.Add(ToRow(runId, new Outgoing(message, Now)));
                return message is not null;
            },
            cancellationToken);

    /// <summary>The fire that a run belongs to; null for a run that no schedule started.</summary>
    internal async Task<Fire?> FireOfAsync(Guid runId, CancellationToken cancellationToken)
    {
        await using var history = new HistoryContext(_options);
        return (await history.Fires.FindAsync([runId], cancellationToken))?.ToFire();
    }

    /// <summary>The latest fires of a schedule, newest first, each with the state of its run.</summary>
    internal async Task<List<(Fire Fire, RunStatus? Status, string? Reason)>> FiresAsync(
        string schedule, int atMost, CancellationToken cancellationToken)
    {
        await using var history = new HistoryContext(_options);
        var rows = await WithRuns(history, schedule)
            .OrderByDescending(each => each.Fire.PlannedMs).Take(atMost).ToListAsync(cancellationToken);
        return [.. rows.Select(each => (each.Fire.ToFire(), each.Run?.Status, each.Run?.Reason))];
    }

    /// <summary>Nights of the future were skipped by a clock that ran ahead: they are still to come.</summary>
    private Task ForgetFutureAsync(HistoryContext history, string schedule, CancellationToken cancellationToken)
    {
        var after = Now + (long)Future.TotalMilliseconds;
        return history.Fires
            .Where(row => row.Schedule == schedule && !row.ByHand && row.Outcome == FireOutcome.Skipped)
            .Where(row => row.PlannedMs > after).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task<Situation> SituationAsync(
        HistoryContext history, string schedule, CancellationToken cancellationToken)
    {
        // One of the future whose run was started stays, and counts once its time has come.
        var now = Now;
        var decided = await history.Fires
            .Where(row => row.Schedule == schedule && !row.ByHand && row.PlannedMs <= now)
            .MaxAsync(row => (long?)row.PlannedMs, cancellationToken);
        var waiting = await history.Fires.AsNoTracking()
            .Where(row => row.Schedule == schedule && row.Outcome == FireOutcome.Waiting)
            .OrderByDescending(row => row.PlannedMs).FirstOrDefaultAsync(cancellationToken);
        var open = await WithRuns(history, schedule)
            .Where(each => each.Fire.Outcome == FireOutcome.Started && (each.Run == null
                || each.Run.Status == RunStatus.Running || each.Run.Status == RunStatus.Cancelling))
            .OrderBy(each => each.Fire.PlannedMs).ToListAsync(cancellationToken);
        var unjudged = await WithRuns(history, schedule)
            .Where(each => each.Fire.Verdict == null && each.Run!.Status == RunStatus.Completed)
            .Select(each => each.Fire.RunId).ToListAsync(cancellationToken);
        return new Situation(
            decided, [.. open.Select(each => new OpenFire(each.Fire.ToFire(), each.Run?.Status))], waiting?.ToFire(),
            unjudged);
    }

    private static IQueryable<FireAndRun> WithRuns(HistoryContext history, string schedule) =>
        history.Fires.AsNoTracking().Where(fire => fire.Schedule == schedule).LeftJoin(
            history.Runs, fire => fire.RunId, run => run.RunId,
            (fire, run) => new FireAndRun { Fire = fire, Run = run });

    private static async Task PutAsync(HistoryContext history, Fire fire, CancellationToken cancellationToken)
    {
        if (await history.Fires.FindAsync([fire.RunId], cancellationToken) is { } row)
            row.Take(fire);
        else
            history.Fires.Add(FireRow.Of(fire));
    }

    private sealed class FireAndRun
    {
        public required FireRow Fire { get; init; }
        public RunRow? Run { get; init; }
    }
}

namespace Mlops.Orchestrator.Runs;

/// <summary>What one attempt took.</summary>
/// <param name="WaitedSeconds">From its dispatch, or the acceptance of the run, until a worker took it.</param>
/// <param name="WorkedSeconds">From then until its end was known, the time until a lease expired included.</param>
public sealed record AccountingLine(AttemptState Attempt, double WaitedSeconds, double WorkedSeconds);

/// <summary>
/// Where the time of a run went: every moment of it was waiting, work, or a pause between an end and a resume.
/// </summary>
/// <param name="Lines">One for each attempt, in order.</param>
/// <param name="PausedSeconds">Time for which the run had ended, before it was resumed.</param>
/// <param name="WallSeconds">From its start to its end, or until now.</param>
public sealed record RunAccounting(IReadOnlyList<AccountingLine> Lines, double PausedSeconds, double WallSeconds)
{
    /// <summary>Accounts for a run.</summary>
    /// <param name="now">In Unix milliseconds: the end of what has not ended.</param>
    public static RunAccounting From(RunState run, long now)
    {
        var lines = new List<AccountingLine>();
        var pausedMs = 0L;
        var before = run.StartedMs;
        foreach (var attempt in run.Attempts)
        {
            // The run was accepted a moment before its first dispatch was on the disk.
            var begin = lines.Count == 0 ? before : attempt.DispatchedMs;
            pausedMs += begin - before;
            var end = attempt.EndedMs ?? now;
            var taken = attempt.ClaimedMs ?? end;
            lines.Add(new(attempt, (taken - begin) / 1000.0, (end - taken) / 1000.0));
            before = end;
        }
        return new(lines, pausedMs / 1000.0, ((run.FinishedMs ?? now) - run.StartedMs) / 1000.0);
    }
}

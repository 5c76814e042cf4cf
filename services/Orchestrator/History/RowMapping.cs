using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Contracts;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.History;

/// <summary>Between the state that decisions work on and the rows that are stored.</summary>
internal static class RowMapping
{
    /// <summary>How messages and dictionaries are stored.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
    };

    public static RunState ToState(RunRow run) => new(
        run.RunId, run.Recipe, run.Seed, run.Macs, Read<ObjectRef>(run.Inputs),
        [.. run.Jobs.OrderBy(job => job.Position).Select(ToState)], run.StartedMs)
    {
        Status = run.Status, Reason = run.Reason, Failure = run.Failure, FinishedMs = run.FinishedMs,
        AttemptsMade = run.AttemptsMade, Attempts = [.. run.Attempts.OrderBy(row => row.Number).Select(ToState)],
    };

    public static RunRow ToRow(RunState run)
    {
        var row = new RunRow
        {
            RunId = run.RunId, Recipe = run.Recipe, Seed = run.Seed, Macs = run.Macs,
            Inputs = JsonSerializer.Serialize(run.Inputs, Json), StartedMs = run.StartedMs,
            Jobs = [.. run.Jobs.Select((job, position) => ToRow(run.RunId, job, position))],
        };
        Update(row, run);
        return row;
    }

    public static void Update(RunRow row, RunState run)
    {
        (row.Status, row.Reason, row.Failure) = (run.Status, run.Reason, run.Failure);
        (row.FinishedMs, row.AttemptsMade) = (run.FinishedMs, run.AttemptsMade);
        foreach (var job in row.Jobs)
            Update(job, run.Jobs[job.Position]);
        foreach (var attempt in run.Attempts)
        {
            var kept = row.Attempts.Find(other => other.Number == attempt.Number);
            if (kept is null)
                row.Attempts.Add(kept = New(run.RunId, attempt));
            Update(kept, attempt);
        }
    }

    public static IEnumerable<ObjectRef> ReadInputs(string json) => Read<ObjectRef>(json).Values;

    private static JobState ToState(JobRow row) => new(
        row.JobId, row.Kind, Read<string>(row.Uses), row.Settings)
    {
        Status = row.Status, Attempt = row.Attempt, Failures = row.Failures, Losses = row.Losses,
        ExecutionId = row.ExecutionId, WorkerId = row.WorkerId, LeaseUntilMs = row.LeaseUntilMs,
        Key = row.Key,
        Output = row.OutputSha256 is { } digest ? new ObjectRef(digest, row.OutputLength) : null,
        Seconds = row.Seconds, Cached = row.Cached, Fraction = row.Fraction, Activity = row.Activity,
        Reason = row.Reason, StartedMs = row.StartedMs, FinishedMs = row.FinishedMs,
    };

    private static JobRow ToRow(Guid runId, JobState job, int position) => new()
    {
        RunId = runId, JobId = job.JobId, Position = position, Kind = job.Kind,
        Uses = JsonSerializer.Serialize(job.Uses, Json), Settings = job.Settings,
    };

    private static void Update(JobRow row, JobState job)
    {
        (row.Status, row.Attempt, row.Failures, row.Losses) = (job.Status, job.Attempt, job.Failures, job.Losses);
        (row.ExecutionId, row.WorkerId, row.LeaseUntilMs) = (job.ExecutionId, job.WorkerId, job.LeaseUntilMs);
        row.Key = job.Key;
        (row.OutputSha256, row.OutputLength) = (job.Output?.Sha256, job.Output?.Length ?? 0);
        (row.Seconds, row.Cached, row.Fraction) = (job.Seconds, job.Cached, job.Fraction);
        (row.Activity, row.Reason) = (job.Activity, job.Reason);
        (row.StartedMs, row.FinishedMs) = (job.StartedMs, job.FinishedMs);
    }

    public static AttemptState ToState(AttemptRow row) => new(row.Number, row.JobId, row.Attempt, row.DispatchedMs)
    {
        ExecutionId = row.ExecutionId, WorkerId = row.WorkerId, ClaimedMs = row.ClaimedMs, EndedMs = row.EndedMs,
        Outcome = row.Outcome, WastedSeconds = row.WastedSeconds, Reason = row.Reason, Key = row.Key,
        KeyParts = row.KeyParts is { } parts ? Read<string>(parts) : null,
        Usage = new(row.CpuSeconds, row.GpuSeconds, row.BytesRead, row.BytesWritten, row.SavedSeconds),
    };

    private static AttemptRow New(Guid runId, AttemptState attempt) => new()
    {
        RunId = runId, Number = attempt.Number, JobId = attempt.JobId, Attempt = attempt.Attempt,
        DispatchedMs = attempt.DispatchedMs,
    };

    private static void Update(AttemptRow row, AttemptState attempt)
    {
        (row.ExecutionId, row.WorkerId, row.ClaimedMs) = (attempt.ExecutionId, attempt.WorkerId, attempt.ClaimedMs);
        (row.EndedMs, row.Outcome, row.Reason) = (attempt.EndedMs, attempt.Outcome, attempt.Reason);
        (row.WastedSeconds, row.Key) = (attempt.WastedSeconds, attempt.Key);
        row.KeyParts = attempt.KeyParts is { } parts ? JsonSerializer.Serialize(parts, Json) : null;
        var usage = attempt.Usage;
        (row.CpuSeconds, row.GpuSeconds, row.SavedSeconds) = (usage.CpuSeconds, usage.GpuSeconds, usage.SavedSeconds);
        (row.BytesRead, row.BytesWritten) = (usage.BytesRead, usage.BytesWritten);
    }

    private static ImmutableSortedDictionary<string, TValue> Read<TValue>(string json) =>
        JsonSerializer.Deserialize<Dictionary<string, TValue>>(json, Json)!
            .ToImmutableSortedDictionary(StringComparer.Ordinal);
}

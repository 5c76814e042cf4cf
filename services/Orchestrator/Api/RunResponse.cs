using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Contracts;
using Mlops.Contracts.Evaluations;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.Api;

/// <summary>A run as it is told over HTTP.</summary>
/// <param name="Seed">Seed of all its jobs.</param>
/// <param name="Macs">Wanted kept ratio.</param>
/// <param name="Reason">Why it failed or was cancelled.</param>
/// <param name="Failure">Whether another try could help; null unless it failed.</param>
/// <param name="Inputs">What it was given: name to manifest.</param>
/// <param name="Jobs">In order of execution.</param>
/// <param name="Attempts">Tries at its jobs in order of time; not in lists of runs.</param>
/// <param name="PausedSeconds">Time for which it had ended, before it was resumed.</param>
/// <param name="WallSeconds">From its start to its end, or until now.</param>
/// <param name="Evaluation">What its evaluation found; null while there is none.</param>
public sealed record RunResponse(
    Guid RunId, string Recipe, RunStatus Status, string? Reason, FailureKind? Failure, long Seed, double Macs,
    DateTimeOffset Started, DateTimeOffset? Finished, IReadOnlyDictionary<string, ObjectRef> Inputs,
    IReadOnlyList<JobResponse> Jobs, IReadOnlyList<AttemptResponse> Attempts, double PausedSeconds, double WallSeconds,
    EvaluationResponse? Evaluation = null)
{
    /// <summary>Whether nothing more happens unless somebody resumes it.</summary>
    [JsonIgnore]
    public bool HasEnded => Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled;

    /// <summary>What the last job of a kind made; null if none did yet.</summary>
    public ObjectRef? OutputOf(JobKind kind) =>
        Jobs.LastOrDefault(job => job.Kind == kind && job.Output is not null)?.Output;

    /// <summary>Time for which a job waited for a worker.</summary>
    [JsonIgnore]
    public double WaitedSeconds => Attempts.Sum(attempt => attempt.WaitedSeconds);

    /// <summary>Time for which a worker had a job.</summary>
    [JsonIgnore]
    public double WorkedSeconds => Attempts.Sum(attempt => attempt.WorkedSeconds);

    /// <summary>The part of the work that came to nothing.</summary>
    [JsonIgnore]
    public double WastedSeconds => Attempts.Sum(attempt => attempt.WastedSeconds);

    /// <summary>Processor time.</summary>
    [JsonIgnore]
    public double CpuSeconds => Attempts.Sum(attempt => attempt.Usage.CpuSeconds);

    /// <summary>Accelerator time.</summary>
    [JsonIgnore]
    public double GpuSeconds => Attempts.Sum(attempt => attempt.Usage.GpuSeconds);

    /// <summary>Bytes from the object store.</summary>
    [JsonIgnore]
    public long BytesRead => Attempts.Sum(attempt => attempt.Usage.BytesRead);

    /// <summary>Bytes to the object store.</summary>
    [JsonIgnore]
    public long BytesWritten => Attempts.Sum(attempt => attempt.Usage.BytesWritten);

    /// <summary>What the wall time should be.</summary>
    [JsonIgnore]
    public double AccountedSeconds => WaitedSeconds + WorkedSeconds + PausedSeconds;

    /// <summary>The public part of a run.</summary>
    /// <param name="now">The end of what has not ended.</param>
    public static RunResponse From(RunState run, DateTimeOffset now)
    {
        var accounting = RunAccounting.From(run, now.ToUnixTimeMilliseconds());
        return new(
            run.RunId, run.Recipe, run.Status, run.Reason, run.Failure, run.Seed, run.Macs, Time(run.StartedMs)!.Value,
            Time(run.FinishedMs), run.Inputs, [.. run.Jobs.Select(JobResponse.From)],
            [.. accounting.Lines.Select(AttemptResponse.From)], accounting.PausedSeconds, accounting.WallSeconds);
    }

    internal static DateTimeOffset? Time(long? unixMs) =>
        unixMs is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;
}

/// <summary>A job of a run.</summary>
/// <param name="Uses">Role to run input or earlier job.</param>
/// <param name="Settings">The service's options.</param>
/// <param name="Attempt">Number of the latest dispatch; 0 before the first.</param>
/// <param name="Failures">Transient failures so far.</param>
/// <param name="LeaseLosses">Leases that expired so far.</param>
/// <param name="WorkerId">The process that has it, or had it last.</param>
/// <param name="Output">The manifest of the result.</param>
/// <param name="Seconds">Wall time of the accepted execution.</param>
/// <param name="Cached">Whether the result was found rather than made.</param>
/// <param name="Fraction">Work done, in [0, 1].</param>
/// <param name="Activity">What is being done, in words.</param>
/// <param name="Reason">Why the last execution ended without a result.</param>
public sealed record JobResponse(
    string JobId, JobKind Kind, JobStatus Status, IReadOnlyDictionary<string, string> Uses, JsonElement Settings,
    int Attempt, int Failures, int LeaseLosses, string? WorkerId, ObjectRef? Output, double Seconds, bool Cached,
    double Fraction, string? Activity, string? Reason, DateTimeOffset? Started, DateTimeOffset? Finished)
{
    internal static JobResponse From(JobState job) => new(
        job.JobId, job.Kind, job.Status, job.Uses, JsonElement.Parse(job.Settings), job.Attempt, job.Failures,
        job.LeaseLosses, job.WorkerId, job.Output, job.Seconds, job.Cached, job.Fraction, job.Activity, job.Reason,
        RunResponse.Time(job.StartedMs), RunResponse.Time(job.FinishedMs));
}

/// <summary>Whether a pruned model may stand in for the dense one.</summary>
public enum RunVerdict
{
    /// <summary>It may.</summary>
    Pass,

    /// <summary>A check of the gate failed.</summary>
    Fail,

    /// <summary>The evaluation is lost or damaged, or the object store does not answer.</summary>
    Unreadable,
}

/// <summary>What a run's evaluation found, in short.</summary>
/// <param name="Method">The method that pruned; null if unreadable.</param>
/// <param name="Kept">Kept ratio of the MACs that the gate judges: of a whole image for step tables, else of one call.
/// </param>
/// <param name="Reasons">The checks that failed, or why it cannot be read; a sentence each.</param>
public sealed record EvaluationResponse(
    RunVerdict Verdict, string? Method, double? Kept, IReadOnlyList<string> Reasons)
{
    internal static EvaluationResponse From(EvaluationReport report)
    {
        var checks = report.Verdict.Checks;
        var judged = checks.Any(check => check.Name == "total_macs") ? "total_macs" : "macs";
        return new(
            report.Verdict.Passed ? RunVerdict.Pass : RunVerdict.Fail, report.Method, report.Find(judged)?.Ratio,
            [.. checks.Where(check => !check.Passed).Select(check => check.Sentence)]);
    }
}

/// <summary>One try at a job, and what it took.</summary>
/// <param name="Attempt">The dispatch; two tries share one if a worker began again.</param>
/// <param name="WaitedSeconds">From its dispatch until a worker took it.</param>
/// <param name="WorkedSeconds">From then until its end was known.</param>
/// <param name="WastedSeconds">The part of the work that came to nothing.</param>
/// <param name="Reason">Why it has no result.</param>
public sealed record AttemptResponse(
    string JobId, int Attempt, AttemptOutcome Outcome, string? WorkerId, double WaitedSeconds, double WorkedSeconds,
    double WastedSeconds, Usage Usage, string? Reason)
{
    internal static AttemptResponse From(AccountingLine line) => new(
        line.Attempt.JobId, line.Attempt.Attempt, line.Attempt.Outcome, line.Attempt.WorkerId, line.WaitedSeconds,
        line.WorkedSeconds, line.Attempt.WastedSeconds, line.Attempt.Usage, line.Attempt.Reason);
}

/// <summary>The run that a request was answered with.</summary>
/// <param name="Repeated">Whether it was there before.</param>
public sealed record SubmissionResponse(Guid RunId, bool Repeated);

/// <summary>A recipe that comes with the program.</summary>
/// <param name="Jobs">Their names, in order.</param>
/// <param name="Text">What a request may give as its recipe instead of the name, after a change for example.</param>
public sealed record RecipeResponse(string Name, string Description, IReadOnlyList<string> Jobs, string Text)
{
    /// <summary>All of them, in alphabetical order.</summary>
    public static IReadOnlyList<RecipeResponse> From(RecipeBook book) =>
    [
        .. book.All.Select(recipe => new RecipeResponse(
            recipe.Name, recipe.Description, [.. recipe.Jobs.Select(job => job.Id)], book.TextOf(recipe.Name))),
    ];
}

/// <summary>A file that a job of a run has made.</summary>
/// <param name="File">Its path in the job's artifact.</param>
/// <param name="Path">Where this server gives it.</param>
public sealed record ResultFileResponse(string JobId, string File, long Bytes, string Path);

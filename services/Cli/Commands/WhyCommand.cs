using System.CommandLine;
using Mlops.Cli.Hosting;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Store;
using Mlops.Orchestrator.Submission;

namespace Mlops.Cli.Commands;

/// <summary>Why a job was computed, or whose result it took.</summary>
/// <param name="Cached">Whether a result was found; null if no worker has taken the job yet.</param>
/// <param name="Nearest">RUN/JOB whose result it is, or that comes nearest.</param>
public sealed record JobExplanation(
    string JobId, bool? Cached, string? Nearest, IReadOnlyList<KeyDifference> Differences,
    IReadOnlyList<string> Sentences);

/// <summary><c>mlops why RUN JOB</c>: which field made a job run anew, or whose result it took.</summary>
public static class WhyCommand
{
    private const int ValueLength = 24;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "The run's id, or enough of its beginning" };
        var job = new Argument<string>("job") { Description = "The job's name in its recipe" };
        var home = CommonOptions.Home();
        var command = new Command("why", "Say why a job was computed, or whose result it took") { run, job, home };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, async terminal =>
        {
            var queries = new RunQueries(EmbeddedHost.HistoryFile(parsed.GetRequiredValue(home)));
            var (prefix, jobId) = (parsed.GetRequiredValue(run), parsed.GetRequiredValue(job));
            var found = await queries.GetAsync(prefix, cancellationToken);
            var explained = await ExplainAsync(queries, found, jobId, cancellationToken);
            terminal.Show(
                explained,
                () => terminal.Text.WriteLine(string.Join(Environment.NewLine, explained.Sentences)));
            return ExitCodes.Success;
        }, cancellationToken));
        return command;
    }

    private static async Task<JobExplanation> ExplainAsync(
        RunQueries queries, RunState run, string jobId, CancellationToken cancellationToken)
    {
        var job = run.Jobs.Find(each => each.JobId == jobId) ?? throw new ArgumentException(
            $"the run has no job '{jobId}'; its jobs: {string.Join(", ", run.Jobs.Select(each => each.JobId))}");
        if (run.Attempts.FindLast(attempt => attempt.JobId == jobId && attempt.Key is not null) is not { } last)
            return new(jobId, Cached: null, Nearest: null, [], [$"{jobId} has not been taken by a worker"]);
        var earlier = await queries.ResultsBeforeAsync(job.Kind, last.DispatchedMs, cancellationToken);
        var verdict = CacheVerdict.Compare(last, earlier);
        return new(
            jobId, verdict.Hit, verdict.Nearest is { } nearest ? NameOf(nearest) : null, verdict.Differences,
            Sentences(jobId, verdict));
    }

    private static IReadOnlyList<string> Sentences(string jobId, CacheVerdict verdict) => verdict switch
    {
        { Hit: true, Nearest: { } source } => [$"{jobId} was not computed: {NameOf(source)} has the same key"],
        { Hit: true } =>
            [$"{jobId} was not computed: its result was in the store, produced by a run of another history"],
        { Nearest: null } => [$"{jobId} was computed: nothing like it was run before"],
        { Differences: [] } =>
            [$"{jobId} was computed: {NameOf(verdict.Nearest)} has the same key, but its objects are gone or damaged"],
        _ =>
        [
            $"{jobId} was computed: nothing equal was run before; nearest is {NameOf(verdict.Nearest)}, except for",
            .. verdict.Differences.Select(
                field => $"  {field.Name}: {Short(field.Before)} → {Short(field.Now)}"),
        ],
    };

    private static string NameOf(PastAttempt past) => $"{RunIds.Short(past.RunId)}/{past.Attempt.JobId}";

    private static string Short(string? value) => value switch
    {
        null => "not given",
        { Length: > ValueLength } => value[..(ValueLength / 2)] + "…",
        _ => value,
    };
}

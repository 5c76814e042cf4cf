using Mlops.Contracts;
using Mlops.Contracts.Commands;

namespace Mlops.Orchestrator.Runs;

/// <summary>Makes the command of a job attempt.</summary>
public static class JobCommands
{
    /// <summary>The command with its inputs looked up among the run's inputs and the results of earlier jobs.</summary>
    public static Outgoing Of(RunState state, JobState job, long dueMs)
    {
        var inputs = job.Uses.ToDictionary(use => use.Key, use => Find(state, use.Value));
        var order = new JobOrder(job.JobId, job.Attempt, job.Settings, inputs, state.Seed);
        object command = job.Kind switch
        {
            JobKind.ScoreImportance => new ScoreImportance(state.RunId, order),
            JobKind.SearchSchedule => new SearchSchedule(state.RunId, order),
            JobKind.CoFinetune => new CoFinetune(state.RunId, order),
            JobKind.ExportSparse => new ExportSparse(state.RunId, order),
            JobKind.Evaluate => new Evaluate(state.RunId, order),
            _ => throw new ArgumentOutOfRangeException(nameof(job), job.Kind, "no command for this kind of job"),
        };
        return new(command, dueMs, KeyOf(state.RunId, job.JobId, job.Attempt));
    }

    /// <summary>Names an attempt.</summary>
    public static string KeyOf(Guid runId, string jobId, int attempt) => $"{runId:N}/{jobId}/{attempt}";

    private static ObjectRef Find(RunState state, string name) =>
        state.Jobs.Find(job => job.JobId == name)?.Output ?? state.Inputs[name];
}

using Mlops.Contracts;

namespace Mlops.Orchestrator.Runs;

/// <summary>Makes the command of a job attempt.</summary>
public static class JobCommands
{
    /// <summary>The command with its inputs looked up among the run's inputs and the results of earlier jobs.</summary>
    public static OutboxMessage Create(RunState state, JobState job, long dueMs)
    {
        var inputs = job.Uses.ToDictionary(use => use.Key, use => Find(state, use.Value));
        var order = new JobOrder(job.JobId, job.Attempt, job.Settings, inputs, state.Seed);
        return new(JobKinds.Of(job.Kind).Order(state.RunId, order), dueMs, KeyOf(state.RunId, job.JobId, job.Attempt));
    }

    /// <summary>Names an attempt.</summary>
    public static string KeyOf(Guid runId, string jobId, int attempt) => $"{runId:N}/{jobId}/{attempt}";

    private static ObjectRef Find(RunState state, string name) =>
        state.Jobs.Find(job => job.JobId == name)?.Output ?? state.Inputs[name];
}

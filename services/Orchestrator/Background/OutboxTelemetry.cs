using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Runs;
using Mlops.Platform.Telemetry;

namespace Mlops.Orchestrator.Background;

/// <summary>
/// What leaves the outbox, as spans: a command of a job begins the trace of its attempt, everything else belongs to the
/// trace of its run. How runs end is also a line in the log, for alerts and counts.
/// </summary>
internal static class OutboxTelemetry
{
    /// <summary>Begins the span in which a message is sent.</summary>
    public static Activity? Start(object message, Guid runId) => message is IJobCommand command
        ? JobTelemetry.StartDispatch(runId, command.Job)
        : JobTelemetry.StartEvent(message.GetType().Name, runId);

    /// <summary>Logs the begin or end of a run, once it was sent.</summary>
    public static void LogSent(ILogger log, object message)
    {
        switch (message)
        {
            case RunStarted started:
                log.LogInformation("Run {RunId} {Status}: {Recipe}", started.RunId, "Started", started.Recipe);
                break;
            case RunCompleted completed:
                log.LogInformation("Run {RunId} {Status}", completed.RunId, RunStatus.Completed);
                break;
            case RunCancelled cancelled:
                log.LogInformation(
                    "Run {RunId} {Status}: {Reason}", cancelled.RunId, RunStatus.Cancelled, cancelled.Reason);
                break;
            case RunFailed failed:
                log.LogError(
                    "Run {RunId} {Status} at {JobId}: {Reason}", failed.RunId, RunStatus.Failed, failed.JobId,
                    failed.Reason);
                break;
        }
    }
}

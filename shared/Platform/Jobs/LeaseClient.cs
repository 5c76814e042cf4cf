using MassTransit;
using Microsoft.Extensions.Logging;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;

namespace Mlops.Platform.Jobs;

/// <summary>Asks the orchestrator who may execute a job.</summary>
public sealed class LeaseClient(IBus bus, WorkerOptions options, TimeProvider time, ILogger<LeaseClient> log)
{
    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Asks until the lease is granted, the message has become useless, or another execution has held it for too long.
    /// </summary>
    /// <returns>Whether this execution holds the lease now.</returns>
    public async Task<bool> ClaimAsync(ClaimLease claim, CancellationToken cancellationToken)
    {
        var begin = time.GetTimestamp();
        while (true)
        {
            var answer = await AskAsync(claim, cancellationToken);
            if (answer.Decision != LeaseDecision.Held)
                return answer.Decision == LeaseDecision.Granted;
            if (time.GetElapsedTime(begin) > options.LeaseWaitTimeout)
                return false;
            await Task.Delay(TimeSpan.FromMilliseconds(answer.RetryAfterMs), time, cancellationToken);
        }
    }

    /// <summary>Whether this execution still holds the lease.</summary>
    public async Task<bool> HoldsAsync(ClaimLease claim, CancellationToken cancellationToken) =>
        (await AskAsync(claim, cancellationToken)).Decision == LeaseDecision.Granted;

    private async Task<LeaseAnswered> AskAsync(ClaimLease claim, CancellationToken cancellationToken)
    {
        var client = bus.CreateRequestClient<ClaimLease>(
            RequestTimeout.After(ms: (int)options.ClaimTimeout.TotalMilliseconds));
        while (true)
        {
            try
            {
                return (await client.GetResponse<LeaseAnswered>(claim, cancellationToken)).Message;
            }
            catch (RequestException exception)
            {
                log.LogWarning(exception, "No answer to the claim of {JobId}; asking again", claim.JobId);
                await Task.Delay(PauseAfterFault, time, cancellationToken);
            }
        }
    }
}

using MassTransit;
using Microsoft.Extensions.Logging;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Platform.Bus;

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
        var client = bus.CreateRequestClient<ClaimLease>();
        while (true)
        {
            try
            {
                return await client.AskAsync<ClaimLease, LeaseAnswered>(
                    claim, options.ClaimTimeout, options.SendTimeout, time, cancellationToken);
            }
            catch (Exception exception) when (exception is RequestException or TimeoutException)
            {
                log.LogWarning(
                    "No answer to the claim of {JobId}; asking again: {Reason}", claim.JobId, exception.Message);
                await Task.Delay(PauseAfterFault, time, cancellationToken);
            }
        }
    }
}

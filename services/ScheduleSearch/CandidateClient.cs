using MassTransit;
using Microsoft.Extensions.Logging;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Platform.Bus;
using Mlops.Platform.Errors;
using Mlops.Platform.Jobs;

namespace Mlops.ScheduleSearch;

/// <summary>Obtains the fitness of a candidate; higher is better.</summary>
public delegate Task<double> ScoreCandidate(EvaluateCandidate candidate, CancellationToken cancellationToken);

/// <summary>Asks the workers behind the queue <c>evaluate-candidate</c>.</summary>
public sealed class CandidateClient(
    IBus bus, WorkerOptions options, TimeProvider time, ILogger<CandidateClient> log)
{
    // Answers go to a queue that dies with the broker. A question that was not answered leaves its queue when its time
    // is over, so asking again piles nothing up, and where workers are few each round waits for longer.
    private static readonly TimeSpan MinTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromHours(1);

    private readonly IRequestClient<EvaluateCandidate> _client =
        bus.CreateRequestClient<EvaluateCandidate>(Endpoints.AddressOf(typeof(EvaluateCandidate)));

    /// <summary>Asks until there is an answer; a repeated question has the same one.</summary>
    /// <exception cref="InvalidDataException">The worker found the probe or the schedule to be wrong.</exception>
    public async Task<double> ScoreAsync(EvaluateCandidate candidate, CancellationToken cancellationToken)
    {
        var timeout = MinTimeout;
        while (true)
            try
            {
                var answer = await _client.AskAsync<EvaluateCandidate, CandidateEvaluated>(
                    candidate, timeout, options.SendTimeout, time, cancellationToken);
                return answer.Fitness;
            }
            catch (RequestTimeoutException)
            {
                log.LogInformation("No fitness for a candidate of {JobId} yet; asking again", candidate.JobId);
                timeout = Longer(timeout);
            }
            catch (TimeoutException)
            {
                log.LogWarning("The bus takes no candidate of {JobId}; asking again", candidate.JobId);
            }
            catch (RequestFaultException exception) when (IsPermanent(exception, out var reason))
            {
                // A fault carries type names only; bad input must stay bad input on this side of the bus.
                throw new InvalidDataException(reason, exception);
            }
    }

    private static TimeSpan Longer(TimeSpan timeout) =>
        timeout * 2 < MaxTimeout ? timeout * 2 : MaxTimeout;

    private static bool IsPermanent(RequestFaultException fault, out string reason)
    {
        var cause = fault.Fault?.Exceptions.FirstOrDefault(thrown => Failures.IsBadInput(thrown.ExceptionType));
        reason = cause?.Message ?? "";
        return cause is not null;
    }
}

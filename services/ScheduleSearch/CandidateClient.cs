using MassTransit;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Platform.Bus;

namespace Mlops.ScheduleSearch;

/// <summary>Obtains the fitness of a candidate; higher is better.</summary>
public delegate Task<double> ScoreCandidate(EvaluateCandidate candidate, CancellationToken cancellationToken);

/// <summary>Asks the workers behind the queue <c>evaluate-candidate</c>.</summary>
public sealed class CandidateClient(IBus bus)
{
    // A queue may hold many searches before a worker is free; a lost worker's message is delivered again by the broker.
    private static readonly RequestTimeout Patience = RequestTimeout.After(h: 24);

    private readonly IRequestClient<EvaluateCandidate> _client =
        bus.CreateRequestClient<EvaluateCandidate>(Endpoints.AddressOf(typeof(EvaluateCandidate)), Patience);

    /// <summary>Sends one candidate and waits for its answer.</summary>
    /// <exception cref="InvalidDataException">The worker found the probe or the schedule to be wrong.</exception>
    public async Task<double> ScoreAsync(EvaluateCandidate candidate, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _client.GetResponse<CandidateEvaluated>(candidate, cancellationToken);
            return answer.Message.Fitness;
        }
        catch (RequestFaultException fault) when (IsPermanent(fault, out var reason))
        {
            // A fault carries type names only; bad input must stay bad input on this side of the bus.
            throw new InvalidDataException(reason, fault);
        }
    }

    private static bool IsPermanent(RequestFaultException fault, out string reason)
    {
        var cause = fault.Fault?.Exceptions.FirstOrDefault(e =>
            e.ExceptionType == typeof(InvalidDataException).FullName
            || e.ExceptionType == typeof(FileNotFoundException).FullName
            || e.ExceptionType == typeof(ArgumentOutOfRangeException).FullName);
        reason = cause?.Message ?? "";
        return cause is not null;
    }
}

using Mlops.Contracts;
using Mlops.Contracts.Commands;

namespace Mlops.Platform.Bus;

/// <summary>
/// The durable queues of the system and what the broker must know of each. Sender and receiver both declare them, so
/// their arguments are said once, here.
/// </summary>
public static class JobQueues
{
    /// <summary>Commands that were delivered too often to be innocent end here.</summary>
    public const string DeadLetters = "dead-letters";

    /// <summary>Where requests wait for the orchestrator, from the exchange that they are published to.</summary>
    public static string Requests { get; } = Endpoints.QueueOf(typeof(RequestRun));

    // A worker that dies counts as a delivery, and so does a restart of the broker; a crash loop ends all the same.
    private const int DeliveryLimit = 50;

    // Jobs take hours. Brokers before 3.12 ignore it here and need `consumer_timeout` in their own configuration.
    private static readonly TimeSpan ConsumerTimeout = TimeSpan.FromDays(7);

    /// <summary>Arguments of every durable queue.</summary>
    public static IReadOnlyDictionary<string, object> Arguments { get; } = new Dictionary<string, object>
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = DeliveryLimit,
        ["x-dead-letter-exchange"] = DeadLetters,
        ["x-consumer-timeout"] = (long)ConsumerTimeout.TotalMilliseconds,
    };

    /// <summary>The queues that the orchestrator fills: they must exist before the first worker does.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. JobKinds.All.Select(row => row.Command).Append(typeof(EvaluateCandidate)).Select(Endpoints.QueueOf),
    ];
}

namespace Mlops.Orchestrator.Runs;

/// <summary>What a message changes: the state to keep and the messages to send, or neither.</summary>
/// <param name="State">The new state; null to leave everything as it is.</param>
/// <param name="Messages">In order.</param>
public sealed record Decision(RunState? State, IReadOnlyList<OutboxMessage> Messages)
{
    /// <summary>A duplicate, a late arrival, or somebody else's business.</summary>
    public static Decision None { get; } = new(null, []);
}

/// <summary>A message to be sent.</summary>
/// <param name="Message">Command or event.</param>
/// <param name="DueMs">Not before this time, in Unix milliseconds.</param>
/// <param name="Key">
/// For the command of a job attempt: names it, and means that it goes to the queue of its type.
/// </param>
public sealed record OutboxMessage(object Message, long DueMs, string? Key = null);

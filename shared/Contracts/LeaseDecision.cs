namespace Mlops.Contracts;

/// <summary>The orchestrator's answer to a claim.</summary>
public enum LeaseDecision
{
    /// <summary>Execute, and send heartbeats.</summary>
    Granted,

    /// <summary>Somebody else executes; ask again later.</summary>
    Held,

    /// <summary>The attempt is over or was never made; drop the message.</summary>
    Stale,

    /// <summary>An equal job is being executed; drop the message, the command comes again after it.</summary>
    Duplicate,
}

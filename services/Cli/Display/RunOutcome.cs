using Mlops.Contracts;

namespace Mlops.Cli.Display;

/// <summary>How a watched run ended.</summary>
public abstract record RunOutcome
{
    /// <summary>All artifacts by the id of the job that made them.</summary>
    public sealed record Completed(IReadOnlyDictionary<string, ObjectRef> Artifacts) : RunOutcome;

    /// <summary>Refused or failed, with the sentence that says why.</summary>
    /// <param name="Reason">What, where, how to fix it.</param>
    /// <param name="BadInput">Whether the input is to blame rather than the system.</param>
    public sealed record Failed(string Reason, bool BadInput) : RunOutcome;

    /// <summary>Ended on request; its checkpoints are kept.</summary>
    public sealed record Cancelled : RunOutcome;
}

namespace Mlops.Contracts;

/// <summary>Whether another try can help.</summary>
public enum FailureKind
{
    /// <summary>Bad input: the same command fails the same way, so the run ends.</summary>
    Permanent,

    /// <summary>A time-out, a lost connection, no memory: another attempt may succeed.</summary>
    Transient,

    /// <summary>The run was cancelled; progress was saved.</summary>
    Cancelled,
}

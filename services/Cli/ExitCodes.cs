namespace Mlops.Cli;

/// <summary>What the process says to the shell.</summary>
public static class ExitCodes
{
    public const int Success = 0;

    /// <summary>A check failed, or the system did.</summary>
    public const int Failure = 1;

    /// <summary>The input was wrong; one sentence on standard error says what, where and how to fix it.</summary>
    public const int BadInput = 2;

    /// <summary>Interrupted by the user; the run can be resumed.</summary>
    public const int Interrupted = 130;
}

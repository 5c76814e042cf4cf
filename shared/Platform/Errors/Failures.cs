using System.Text.Json;
using Mlops.Contracts;

namespace Mlops.Platform.Errors;

/// <summary>Says of an exception whether another try can help, and in one sentence what happened.</summary>
public static class Failures
{
    // errno of "no space left on device" and "disk quota exceeded", as IOException carries them on Linux.
    private const int NoSpace = 28;
    private const int NoQuota = 122;

    // What the input was to blame for, and no second try makes better.
    private static readonly Type[] BadInput =
    [
        typeof(InvalidDataException), typeof(ArgumentException), typeof(ArgumentNullException),
        typeof(ArgumentOutOfRangeException), typeof(JsonException), typeof(FileNotFoundException),
        typeof(DirectoryNotFoundException),
    ];

    /// <summary>Whether an exception of that type, by the full name that a fault carries, is bad input.</summary>
    public static bool IsBadInput(string? typeName) => Array.Exists(BadInput, type => type.FullName == typeName);

    /// <summary>Bad input is permanent, a request to stop is cancelled, all else may pass.</summary>
    /// <param name="stopRequested">Whether the work had been asked to stop.</param>
    public static FailureKind KindOf(Exception exception, bool stopRequested) => Innermost(exception) switch
    {
        OperationCanceledException when stopRequested => FailureKind.Cancelled,
        var bad when Array.Exists(BadInput, type => type.IsInstanceOfType(bad)) => FailureKind.Permanent,
        IOException { HResult: NoSpace or NoQuota } => FailureKind.Permanent,
        _ => FailureKind.Transient,
    };

    /// <summary>One sentence for the user who started the run.</summary>
    public static string ReasonOf(Exception exception) => Innermost(exception) switch
    {
        IOException { HResult: NoSpace or NoQuota } full =>
            $"the disk is full ({full.Message}); free some space and resume the run",
        OperationCanceledException => "the work was stopped before it was done; resume the run to go on",
        InvalidDataException or ArgumentException or FileNotFoundException or DirectoryNotFoundException
            or ServiceUnavailableException => WithoutParameterName(Innermost(exception)),
        var other => $"{other.GetType().Name}: {other.Message}",
    };

    private static Exception Innermost(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions: [var only] } => Innermost(only),
        System.Reflection.TargetInvocationException { InnerException: { } inner } => Innermost(inner),
        _ => exception,
    };

    // The base library appends "(Parameter 'x')", which means nothing to the author of a recipe.
    private static string WithoutParameterName(Exception exception) =>
        exception is ArgumentException { ParamName: { } name }
            ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)
            : exception.Message;
}

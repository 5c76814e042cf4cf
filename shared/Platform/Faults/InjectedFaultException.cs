namespace Mlops.Platform.Faults;

/// <summary>A failure that a drill ordered; to everybody else it is a disk or a network that failed.</summary>
public sealed class InjectedFaultException(string message) : IOException(message);

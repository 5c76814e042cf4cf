namespace Mlops.Faults;

/// <summary>An injected failure; to all other code it is a disk or a network that failed.</summary>
public sealed class InjectedFaultException(string message) : IOException(message);

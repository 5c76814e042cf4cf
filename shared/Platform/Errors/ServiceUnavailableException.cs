namespace Mlops.Platform.Errors;

/// <summary>A server does not answer or cannot do its work now; its message is a sentence for the user.</summary>
public sealed class ServiceUnavailableException(string message, Exception? innerException = null)
    : IOException(message, innerException);

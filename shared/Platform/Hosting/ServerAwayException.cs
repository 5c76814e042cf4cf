namespace Mlops.Platform.Hosting;

/// <summary>A server does not answer or cannot do its work now; its message is a sentence for whoever waits.</summary>
public sealed class ServerAwayException(string message, Exception? innerException = null)
    : IOException(message, innerException);

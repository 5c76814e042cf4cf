namespace Mlops.Platform.Bus;

/// <summary>Reads the first property of a contract, which names its run.</summary>
/// <typeparam name="TMessage">Any message; those of the library have no run.</typeparam>
internal static class RunIdOf<TMessage> where TMessage : class
{
    private static readonly Func<TMessage, Guid>? ReadId = Reader();

    /// <summary>The run that the message is about, if it is about one.</summary>
    public static Guid? Read(TMessage message) => ReadId?.Invoke(message);

    private static Func<TMessage, Guid>? Reader() =>
        typeof(TMessage).GetProperty("RunId") is { CanRead: true } property && property.PropertyType == typeof(Guid)
            ? property.GetMethod!.CreateDelegate<Func<TMessage, Guid>>()
            : null;
}

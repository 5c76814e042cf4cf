using Mlops.Contracts;

namespace Mlops.Platform.Objects;

/// <summary>A store that says how many bytes of objects were moved.</summary>
/// <param name="onRead">Is told of every object that was opened or fetched.</param>
/// <param name="onWritten">Is told of every object that was stored.</param>
internal sealed class MeteredStore(IObjectStore store, Action<long> onRead, Action<long> onWritten) : IObjectStore
{
    public async Task<ObjectRef> PutAsync(Stream content, CancellationToken cancellationToken)
    {
        var stored = await store.PutAsync(content, cancellationToken);
        onWritten(stored.Length);
        return stored;
    }

    public async Task<Stream> OpenAsync(ObjectRef reference, CancellationToken cancellationToken)
    {
        var content = await store.OpenAsync(reference, cancellationToken);
        onRead(reference.Length);
        return content;
    }

    public async Task FetchAsync(ObjectRef reference, string file, CancellationToken cancellationToken)
    {
        await store.FetchAsync(reference, file, cancellationToken);
        onRead(reference.Length);
    }

    public Task<bool> ExistsAsync(ObjectRef reference, CancellationToken cancellationToken) =>
        store.ExistsAsync(reference, cancellationToken);

    public Task<ObjectRef?> ResolveAsync(string name, CancellationToken cancellationToken) =>
        store.ResolveAsync(name, cancellationToken);

    public Task SetNameAsync(string name, ObjectRef reference, CancellationToken cancellationToken) =>
        store.SetNameAsync(name, reference, cancellationToken);

    public Task<bool> TryCreateNameAsync(string name, ObjectRef reference, CancellationToken cancellationToken) =>
        store.TryCreateNameAsync(name, reference, cancellationToken);
}

using Mlops.Contracts;
using Mlops.Platform.Objects;

namespace Mlops.Faults;

/// <summary>
/// A store behind a bad wire: calls time out before or after they were served, contents come short or changed. What
/// comes through is verified again, as every store must.
/// </summary>
public sealed class FaultyObjectStore(IObjectStore store, FaultPlan plan) : IObjectStore
{
    /// <inheritdoc/>
    public Task<ObjectRef> PutAsync(Stream content, CancellationToken cancellationToken) =>
        plan.AroundAsync("put", () => store.PutAsync(content, cancellationToken));

    /// <inheritdoc/>
    public async Task<Stream> OpenAsync(ObjectRef reference, CancellationToken cancellationToken)
    {
        if (!plan.Fails())
            return await store.OpenAsync(reference, cancellationToken);
        var fault = (Fault)(int)(plan.Roll() * Enum.GetValues<Fault>().Length);
        if (fault == Fault.TimeOut)
            throw new InjectedFaultException("open: timed out");
        var content = await store.OpenAsync(reference, cancellationToken);
        var place = (long)(plan.Roll() * reference.Length);
        return new VerifyingStream(new SpoiltStream(content, place, fault), reference);
    }

    /// <inheritdoc/>
    public async Task FetchAsync(ObjectRef reference, string file, CancellationToken cancellationToken)
    {
        await using var content = await OpenAsync(reference, cancellationToken);
        await VerifiedFile.WriteAsync(file, async target =>
        {
            await using var stream = new FileStream(target, FileAccess.Write);
            await content.CopyToAsync(stream, cancellationToken);
        });
    }

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(ObjectRef reference, CancellationToken cancellationToken) =>
        ReadAsync("exists", () => store.ExistsAsync(reference, cancellationToken));

    /// <inheritdoc/>
    public Task<ObjectRef?> ResolveAsync(string name, CancellationToken cancellationToken) =>
        ReadAsync("resolve", () => store.ResolveAsync(name, cancellationToken));

    /// <inheritdoc/>
    public Task SetNameAsync(string name, ObjectRef reference, CancellationToken cancellationToken) =>
        plan.AroundAsync("set name", () => store.SetNameAsync(name, reference, cancellationToken));

    /// <inheritdoc/>
    public Task<bool> TryCreateNameAsync(string name, ObjectRef reference, CancellationToken cancellationToken) =>
        plan.AroundAsync("create name", () => store.TryCreateNameAsync(name, reference, cancellationToken));

    private Task<TResult> ReadAsync<TResult>(string what, Func<Task<TResult>> read) =>
        plan.Fails() ? throw new InjectedFaultException($"{what}: timed out") : read();

    private enum Fault
    {
        TimeOut,
        ShortRead,
        FlippedByte,
    }

    /// <summary>Ends at a place, or changes the byte there.</summary>
    private sealed class SpoiltStream(Stream source, long place, Fault fault) : Stream
    {
        private long _read;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Spoil(
            buffer.AsSpan(offset, count), source.Read(buffer, offset, count));

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await source.ReadAsync(buffer, cancellationToken);
            return Spoil(buffer.Span, count);
        }

        public override void Flush() => source.Flush();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                source.Dispose();
            base.Dispose(disposing);
        }

        private int Spoil(Span<byte> buffer, int count)
        {
            var here = place - _read;
            _read += count;
            if (fault == Fault.ShortRead)
                return (int)Math.Clamp(here, 0, count);
            if (here >= 0 && here < count)
                buffer[(int)here] ^= 1;
            return count;
        }
    }
}

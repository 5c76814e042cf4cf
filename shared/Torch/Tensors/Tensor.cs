namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// An n-dimensional array. The object owns one native handle: it is freed by <see cref="Dispose()"/>, by the
    /// dispose scope it was made in, or by the finalizer. Calls keep the object alive until they have returned.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        private nint _handle;

        internal Tensor(nint handle)
        {
            _handle = handle;
            DisposeScope.Current?.Adopt(this);
        }

        ~Tensor() => Dispose(false);

        /// <summary>The scope that frees this tensor; null if there is none.</summary>
        internal DisposeScope? Scope { get; set; }

        /// <summary>Position in the scope, so that leaving it costs the same for any number of members.</summary>
        internal int Slot { get; set; }

        public nint Handle => _handle != 0
            ? _handle
            : throw new InvalidOperationException("Tensor invalid -- empty handle.");

        public bool IsInvalid => _handle == 0;

        public string name { get; set; } = "";

        public static Tensor UnsafeCreateTensor(nint handle) => new(handle);

        public void Dispose()
        {
            Scope?.Forget(this);
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle != 0)
                Native.tl_free(handle);
        }

        public Tensor DetachFromDisposeScope()
        {
            Scope?.Forget(this);
            return this;
        }

        public Tensor MoveToOuterDisposeScope()
        {
            Scope?.MoveToOuter(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(DisposeScope other)
        {
            other.Attach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other)
        {
            if (other.Scope is { } scope)
                scope.Attach(this);
            else
                DetachFromDisposeScope();
            return this;
        }

        /// <summary>Gives the native handle away; this object is empty afterwards.</summary>
        internal nint MoveHandle()
        {
            var handle = Handle;
            _handle = 0;
            Scope?.Forget(this);
            GC.SuppressFinalize(this);
            return handle;
        }

        /// <summary>Takes over the other's native handle and frees its own.</summary>
        internal void Become(Tensor other)
        {
            var old = Interlocked.Exchange(ref _handle, other.MoveHandle());
            if (old != 0)
                Native.tl_free(old);
        }

        public bool Equals(Tensor target) => ReferenceEquals(this, target);

        public override bool Equals(object? obj) => ReferenceEquals(this, obj);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

        /// <summary>Shape, type and device: <c>[2x3], type = Float32, device = cpu</c>.</summary>
        public override string ToString() => IsInvalid
            ? "[disposed]"
            : $"[{string.Join('x', shape)}], type = {dtype}, device = {device}";
    }
}

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Seeds the generators of libtorch itself and returns the CPU's.</summary>
    public static Generator manual_seed(long seed)
    {
        Native.Check(Native.tl_manual_seed((ulong)seed));
        return Generator.Default;
    }

    /// <summary>A source of random numbers.</summary>
    public class Generator : IDisposable
    {
        private nint _handle;

        public unsafe Generator(ulong seed = 0, Device? device = null)
        {
            this.device = device ?? CPU;
            nint result;
            Native.Check(Native.tl_generator(seed, (long)this.device.type, this.device.index, &result));
            _handle = result;
        }

        private Generator(nint handle)
        {
            device = CPU;
            _handle = handle;
        }

        ~Generator() => Dispose(false);

        public static unsafe Generator Default
        {
            get
            {
                nint result;
                Native.Check(Native.tl_generator_default(&result));
                return new Generator(result);
            }
        }

        public nint Handle => _handle != 0
            ? _handle
            : throw new ObjectDisposedException(nameof(Generator));

        public Device device { get; }

        public Generator manual_seed(long seed)
        {
            Native.Check(Native.tl_generator_set_seed(Handle, (ulong)seed));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe long initial_seed()
        {
            ulong seed;
            Native.Check(Native.tl_generator_seed(Handle, &seed));
            GC.KeepAlive(this);
            return (long)seed;
        }

        /// <summary>Seeds with a number of the operating system and returns it.</summary>
        public unsafe long seed()
        {
            ulong seed;
            Native.Check(Native.tl_generator_reseed(Handle, &seed));
            GC.KeepAlive(this);
            return (long)seed;
        }

        public unsafe Tensor get_state()
        {
            nint result;
            Native.Check(Native.tl_generator_get_state(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public void set_state(Tensor value)
        {
            Native.Check(Native.tl_generator_set_state(Handle, value.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(value);
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle != 0)
                Native.tl_generator_free(handle);
        }
    }
}

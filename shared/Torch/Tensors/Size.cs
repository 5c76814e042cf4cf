using System.Collections;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The extents of a tensor.</summary>
    public struct Size : IEnumerable<long>
    {
        private readonly long[]? _shape;

        public Size(long[] shape) => _shape = shape.ToArray();

        public Size(IEnumerable<long> shape) => _shape = shape.ToArray();

        public Size(long size) => _shape = [size];

        public long[] Shape => _shape ?? [];

        public int Length => Shape.Length;

        public bool IsEmpty => Length == 0;

        public long this[int idx] => Shape[idx];

        public static implicit operator Size(long[] size) => new(size);

        public static implicit operator Size(long size) => new(size);

        public static implicit operator Size((long, long) size) => new(new[] { size.Item1, size.Item2 });

        public static implicit operator Size((long, long, long) size) =>
            new(new[] { size.Item1, size.Item2, size.Item3 });

        public static implicit operator Size((long, long, long, long) size) =>
            new(new[] { size.Item1, size.Item2, size.Item3, size.Item4 });

        public static bool operator ==(Size left, Size right) => left.Shape.SequenceEqual(right.Shape);

        public static bool operator !=(Size left, Size right) => !(left == right);

        public long numel() => Shape.Aggregate(1L, (product, extent) => product * extent);

        public IEnumerator<long> GetEnumerator() => Shape.AsEnumerable().GetEnumerator();

        public override bool Equals(object? obj) => obj is Size other && this == other;

        public override int GetHashCode() => Shape.Aggregate(17, HashCode.Combine);

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

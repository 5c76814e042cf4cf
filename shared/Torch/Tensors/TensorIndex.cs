namespace TorchSharp;

public static partial class torch
{
    /// <summary>One entry between the brackets of <c>x[…]</c>.</summary>
    public struct TensorIndex
    {
        internal enum Sort { None, Ellipsis, Single, Bool, Slice, Tensor }

        public static TensorIndex Ellipsis = new() { Kind = Sort.Ellipsis };
        public static TensorIndex Null = new() { Kind = Sort.None };
        public static TensorIndex None = new() { Kind = Sort.None };
        public static TensorIndex Colon = Slice();

        internal Sort Kind { get; private init; }

        internal long? Start { get; private init; }

        internal long? Stop { get; private init; }

        internal long Step { get; private init; }

        internal Tensor? Positions { get; private init; }

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new() { Kind = Sort.Slice, Start = start, Stop = stop, Step = step ?? 1 };

        public static TensorIndex Slice((int? start, int? end) range) => Slice(range.start, range.end);

        public static TensorIndex Slice(Range range)
        {
            long? stop = !range.End.IsFromEnd ? range.End.Value : range.End.Value == 0 ? null : -range.End.Value;
            return Slice(range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value, stop);
        }

        public static TensorIndex Bool(bool value) => new() { Kind = Sort.Bool, Start = value ? 1 : 0 };

        public static TensorIndex Single(long? index) => new() { Kind = Sort.Single, Start = index };

        public static TensorIndex Tensor(Tensor tensor) => new() { Kind = Sort.Tensor, Positions = tensor };

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range);

        public static implicit operator TensorIndex(Range range) => Slice(range);

        public static implicit operator TensorIndex(Index index) =>
            Single(index.IsFromEnd ? -index.Value : index.Value);
    }
}

namespace TorchSharp;

/// <summary>A number with its kind. Nothing native stands behind it, so no finalizer can race with a call.</summary>
public sealed class Scalar : IDisposable
{
    private Scalar(long tag, long bits, torch.ScalarType type)
    {
        Native = new NativeScalar(tag, bits);
        Type = type;
    }

    internal NativeScalar Native { get; }

    public torch.ScalarType Type { get; }

    public static implicit operator Scalar(double value) => Real(value, torch.ScalarType.Float64);

    public static implicit operator Scalar(float value) => Real(value, torch.ScalarType.Float32);

    public static implicit operator Scalar(Half value) => Real((double)value, torch.ScalarType.Float16);

    public static implicit operator Scalar(long value) => new(2, value, torch.ScalarType.Int64);

    public static implicit operator Scalar(int value) => new(2, value, torch.ScalarType.Int32);

    public static implicit operator Scalar(short value) => new(2, value, torch.ScalarType.Int16);

    public static implicit operator Scalar(sbyte value) => new(2, value, torch.ScalarType.Int8);

    public static implicit operator Scalar(byte value) => new(2, value, torch.ScalarType.Byte);

    public static implicit operator Scalar(bool value) => new(3, value ? 1 : 0, torch.ScalarType.Bool);

    /// <summary>There is nothing to free; the method exists because TorchSharp's Scalar has it.</summary>
    public void Dispose()
    {
    }

    internal static NativeScalar ToNative(Scalar? value) => value?.Native ?? default;

    internal static Scalar Of(NativeScalar value, torch.ScalarType type) => new(value.Tag, value.Bits, type);

    internal double Real() => Native.Tag == 1 ? BitConverter.Int64BitsToDouble(Native.Bits) : Native.Bits;

    internal long Integer() => Native.Tag == 1 ? (long)BitConverter.Int64BitsToDouble(Native.Bits) : Native.Bits;

    private static Scalar Real(double value, torch.ScalarType type) =>
        new(1, BitConverter.DoubleToInt64Bits(value), type);
}

/// <summary>Conversions between numbers and <see cref="Scalar"/>.</summary>
public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this double value) => value;

    public static Scalar ToScalar(this float value) => value;

    public static Scalar ToScalar(this long value) => value;

    public static Scalar ToScalar(this int value) => value;

    public static Scalar ToScalar(this bool value) => value;

    public static double ToDouble(this Scalar value) => value.Real();

    public static float ToSingle(this Scalar value) => (float)value.Real();

    public static long ToInt64(this Scalar value) => value.Integer();

    public static int ToInt32(this Scalar value) => (int)value.Integer();

    public static bool ToBoolean(this Scalar value) => value.Real() != 0;
}

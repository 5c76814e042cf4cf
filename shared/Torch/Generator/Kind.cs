namespace Mlops.TorchGenerator;

/// <summary>How one managed parameter type crosses the C boundary; {0} is the parameter's name.</summary>
/// <param name="Managed">The C# type as declared.</param>
/// <param name="Import">C# parameters of the import.</param>
/// <param name="Pass">C# arguments of the call.</param>
/// <param name="Export">C++ parameters of the export.</param>
/// <param name="Value">C++ value inside the expression.</param>
/// <param name="Before">C# statements before the call.</param>
/// <param name="Fixed">C# fixed clause around the call.</param>
/// <param name="Keep">What must stay reachable until the call has returned.</param>
public sealed record Kind(
    string Managed, string Import, string Pass, string Export, string Value,
    string Before = "", string Fixed = "", string Keep = "")
{
    private static readonly string[] Enums =
        ["RoundingMode", "GELU.Approximate", "Reduction", "PaddingModes", "InterpolationMode"];

    /// <summary>The kind of one parameter.</summary>
    public static Kind Of(Param p)
    {
        var type = p.Type.Replace("params ", "");
        return type switch
        {
            "Tensor" when p.Nullable => new("Tensor?", "nint {0}", "{0} is null ? 0 : {0}.Handle",
                "Handle {0}_", "tensor_opt({0}_)", Keep: "{0}"),
            "Tensor" => new("Tensor", "nint {0}", "{0}.Handle", "Handle {0}_", "(*{0}_)", Keep: "{0}"),
            "Scalar" => new(p.Nullable ? "Scalar?" : "Scalar", "NativeScalar {0}",
                p.Nullable ? "Scalar.ToNative({0})" : "{0}.Native", "NativeScalar {0}_",
                p.Nullable ? "scalar_opt({0}_)" : "scalar({0}_)"),
            "Generator" => new("Generator?", "nint {0}", "{0} is null ? 0 : {0}.Handle",
                "GeneratorHandle {0}_", "generator_opt({0}_)", Keep: "{0}"),
            "long" or "int" => new(type, "long {0}", "{0}", "int64_t {0}_", "{0}_"),
            "double" or "float" => new(type, "double {0}", "{0}", "double {0}_", "{0}_"),
            "bool" => new("bool", "bool {0}", "{0}", "bool {0}_", "{0}_"),
            "bool?" => new("bool?", "long {0}", "{0} is null ? -1 : {0}.Value ? 1 : 0", "int64_t {0}_", "{0}_"),
            "long?" or "int?" => new(type, "NativeLong {0}", "NativeLong.Of({0})", "NativeLong {0}_", "long_opt({0}_)"),
            "double?" => new(type, "NativeDouble {0}", "NativeDouble.Of({0})", "NativeDouble {0}_", "double_opt({0}_)"),
            "ScalarType?" => new(type, "long {0}", "Native.Code({0})", "int64_t {0}_", "dtype_opt({0}_)"),
            "Spec" => new("Spec", "NativeSpec {0}", "{0}.Native", "NativeSpec {0}_", "options({0}_)"),
            "string" => new("string", "byte* {0}", "{0}Text", "const char* {0}_", "{0}_",
                Fixed: "fixed (byte* {0}Text = Native.Utf8({0}))"),
            "long[]" or "ReadOnlySpan<long>" => Longs(p, type),
            "double[]" => new("double[]?", "double* {0}, long {0}Count", "{0}Values, {0}?.Length ?? -1",
                "const double* {0}_, int64_t {0}_count", "doubles_opt({0}_, {0}_count)",
                Fixed: "fixed (double* {0}Values = {0})"),
            "Tensor[]" or "IList<Tensor>" or "IEnumerable<Tensor>" or "ReadOnlySpan<Tensor>" => new(type,
                "nint* {0}, long {0}Count", "{0}Handles, {0}Array.Length", "Handle const* {0}_, int64_t {0}_count",
                "tensors({0}_, {0}_count)", "var {0}Array = {0}.ToArray();",
                "fixed (nint* {0}Handles = Native.Handles({0}Array))", "{0}Array"),
            _ when Enums.Contains(type) => new(type, "long {0}", "(long){0}", "int64_t {0}_", "{0}_"),
            _ => throw new FormatException($"the op table's parameter type \"{p.Type}\" is unknown"),
        };
    }

    private static Kind Longs(Param p, string type)
    {
        var count = type == "long[]" && p.Nullable ? "{0}?.Length ?? -1" : "{0}.Length";
        return new(p.Nullable ? type + "?" : type, "long* {0}, long {0}Count", "{0}Values, " + count,
            "const int64_t* {0}_, int64_t {0}_count", "ints({0}_, {0}_count)", Fixed: "fixed (long* {0}Values = {0})");
    }
}

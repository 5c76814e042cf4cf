using System.Text;

namespace Mlops.TorchGenerator;

/// <summary>Members that come in families of overloads with one body: operators and factories.</summary>
public static class Families
{
    private const string Head = "// Generated; see Generator/Families.cs.\n#nullable enable\n\n" +
        "namespace TorchSharp;\n\npublic static partial class torch\n{\n";

    private const string Tail = "ScalarType? dtype = null, Device? device = null, bool requires_grad = false, ";
    private static readonly string[] Numbers = ["int", "long", "float", "double"];
    private static readonly string[] Elements = ["bool", "byte", "sbyte", "short", "int", "long", "float", "double"];

    /// <summary>Arithmetic and comparison operators of Tensor.</summary>
    public static string Operators()
    {
        var text = new StringBuilder(Head + "    public partial class Tensor\n    {\n");
        void Line(string line) => text.Append($"        public static Tensor operator {line};\n");
        foreach (var (symbol, name, reversed) in new[]
                 {
                     ("+", "add", "right.add(left)"), ("-", "sub", "Ops.rsub(right, left)"),
                     ("*", "mul", "right.mul(left)"), ("/", "div", "right.reciprocal().mul(left)"),
                     ("%", "remainder", ""),
                 })
        {
            Line($"{symbol}(Tensor left, Tensor right) => left.{name}(right)");
            Line($"{symbol}(Tensor left, Scalar right) => left.{name}(right)");
            foreach (var number in Numbers)
                Line($"{symbol}(Tensor left, {number} right) => left.{name}((Scalar)right)");
            foreach (var number in Numbers.Prepend("Scalar").Where(_ => reversed.Length > 0))
                Line($"{symbol}({number} left, Tensor right) => " +
                    (number == "Scalar" ? reversed : reversed.Replace("left", "(Scalar)left")));
        }

        foreach (var (symbol, name, mirrored) in new[]
                 {
                     ("==", "eq", "eq"), ("!=", "ne", "ne"), ("<", "lt", "gt"),
                     ("<=", "le", "ge"), (">", "gt", "lt"), (">=", "ge", "le"),
                 })
        {
            Line($"{symbol}(Tensor left, Tensor right) => left.{name}(right)");
            Line($"{symbol}(Tensor left, Scalar right) => left.{name}(right)");
            Line($"{symbol}(Scalar left, Tensor right) => right.{mirrored}(left)");
        }

        foreach (var (symbol, name) in new[] { ("&", "bitwise_and"), ("|", "bitwise_or"), ("^", "bitwise_xor") })
            Line($"{symbol}(Tensor left, Tensor right) => left.{name}(right)");
        Line("~(Tensor left) => left.bitwise_not()");
        Line("-(Tensor tensor) => tensor.neg()");
        foreach (var element in Elements)
        {
            text.Append($"        public static implicit operator Tensor({element} value) => tensor(value);\n");
            text.Append($"        public static implicit operator Tensor({element}[] value) => tensor(value);\n");
        }

        return text.Append("    }\n}\n").ToString();
    }

    /// <summary>zeros, ones, … for every way to give a size, and tensor(…) for every element type.</summary>
    public static string Factories()
    {
        var text = new StringBuilder(Head);
        foreach (var name in new[] { "zeros", "ones", "empty" })
            Sized(text, name, "", "", "");
        Sized(text, "full", "Scalar value, ", "", "value, ", "dtype ?? get_default_dtype()");
        foreach (var name in new[] { "rand", "randn" })
            Sized(text, name, "", "Generator? generator = null, ", "generator, ");
        foreach (var element in Elements)
            FromValues(text, element);
        return text.Append("}\n").ToString();
    }

    private static void Sized(StringBuilder text, string name, string before, string after, string pass,
        string type = "dtype")
    {
        void Overload(string size, string list) => text.Append(
            $"    public static Tensor {name}({size}, {before}{Tail}{after}string[]? names = null) =>\n" +
            $"        Made(Ops.{name}({list}, {pass}Spec.Of({type}, device)), requires_grad, names);\n\n");

        foreach (var number in new[] { "int", "long" })
        {
            Overload($"{number} size", "[size]");
            Overload($"{number} rows, {number} columns", "[rows, columns]");
            Overload($"{number} dim0, {number} dim1, {number} dim2", "[dim0, dim1, dim2]");
            Overload($"{number} dim0, {number} dim1, {number} dim2, {number} dim3", "[dim0, dim1, dim2, dim3]");
        }

        Overload("long[] size", "size");
        Overload("ReadOnlySpan<long> size", "size");
    }

    private static void FromValues(StringBuilder text, string element)
    {
        var array = element == "long" ? "dataArray" : "rawArray";
        void Overload(string parameters, string call) =>
            text.Append($"    public static Tensor tensor({parameters}) =>\n        {call};\n\n");

        var names = Tail + "string[]? names = null";
        if (element is "bool" or "long" or "double")
            Overload($"{element} scalar, " + Tail.TrimEnd(',', ' '),
                "FromScalar(scalar, dtype, device, requires_grad)");
        else
            Overload($"{element} scalar, Device? device = null, bool requires_grad = false",
                "FromScalar(scalar, null, device, requires_grad)");
        Overload($"{element}[] {array}, {names}",
            $"FromValues<{element}>({array}, [{array}.Length], dtype, device, requires_grad, names)");
        Overload($"{element}[] {array}, ReadOnlySpan<long> dimensions, {names}",
            $"FromValues<{element}>({array}, dimensions, dtype, device, requires_grad, names)");
        Overload($"IList<{element}> rawArray, {names}",
            $"FromValues<{element}>(rawArray.ToArray(), [rawArray.Count], dtype, device, requires_grad, names)");
        foreach (var commas in new[] { ",", ",,", ",,," })
            Overload($"{element}[{commas}] rawArray, {names}",
                $"FromArray<{element}>(rawArray, dtype, device, requires_grad, names)");
    }
}

using System.Text;
using System.Text.RegularExpressions;

namespace Mlops.TorchGenerator;

/// <summary>Writes the C exports.</summary>
public static class NativeEmitter
{
    private const int RowsPerFile = 130;

    /// <summary>The C++ files; several, so that they compile side by side.</summary>
    public static IEnumerable<(string Path, string Text)> Emit(IReadOnlyList<Op> ops) =>
        ops.Chunk(RowsPerFile).Select((chunk, i) => ($"Native/ops{i + 1}.g.cpp", File(chunk)));

    private static string File(IEnumerable<Op> ops)
    {
        var text = new StringBuilder("// Generated from Ops/ops.txt; edit that.\n#include \"shim.h\"\n\n");
        foreach (var op in ops)
            text.Append(Export(op));
        return text.ToString();
    }

    private static string Export(Op op)
    {
        var parameters = op.Params.Select(p => string.Format(Kind.Of(p).Export, p.Name)).ToList();
        if (op.IsMethod)
            parameters.Insert(0, "Handle self_");
        var (result, body) = Result(op, Expression(op));
        if (result.Length > 0)
            parameters.Add(result);
        return $"EXPORT int {op.Export}({string.Join(", ", parameters)}) {{\n  return guard([&] {{ {body} }});\n}}\n";
    }

    private static (string Parameter, string Body) Result(Op op, string expression) => op.Returns switch
    {
        _ when op.InPlace || op.Returns == "void" => ("", expression + ";"),
        "Tensor" => ("Handle* out", $"*out = wrap({expression});"),
        "Tensor[]" => ("Handle** out, int64_t* count", $"wrap_list({expression}, out, count);"),
        "bool" => ("bool* out", $"*out = {expression};"),
        _ => ("Handle* out", $"auto r = {expression}; " + string.Join(" ", Enumerable.Range(0, TupleSize(op))
            .Select(i => $"out[{i}] = wrap(std::move(std::get<{i}>(r)));"))),
    };

    /// <summary>How many tensors the row returns as a tuple.</summary>
    public static int TupleSize(Op op) => op.Returns.Count(c => c == ',') + 1;

    private static string Expression(Op op)
    {
        var values = op.Params.ToDictionary(p => p.Name, p => string.Format(Kind.Of(p).Value, p.Name));
        if (op.IsMethod)
            values["self"] = "(*self_)";
        foreach (var p in op.Params.Where(p => p.Type == "long[]" && p.Nullable))
            values[p.Name + "_opt"] = $"ints_opt({p.Name}_, {p.Name}_count)";
        // A name after "::" or "." or before "(" is a function's, not a parameter's.
        return Regex.Replace(op.Expression, @"(?<![\w:.""])[A-Za-z_]\w*(?!\w*\()", m =>
            values.TryGetValue(m.Value, out var value) ? value : m.Value);
    }
}

using System.Text;

namespace Mlops.TorchGenerator;

/// <summary>Writes the imports and the C# members.</summary>
public static class ManagedEmitter
{
    private const string Head = "// Generated from Ops/ops.txt; edit that.\n#nullable enable\n";
    private static readonly HashSet<string> Keywords = ["out", "params", "in", "is", "ref", "base", "long"];

    /// <summary>The P/Invoke declarations.</summary>
    public static string Imports(IReadOnlyList<Op> ops)
    {
        var text = new StringBuilder(Head + "using System.Runtime.InteropServices;\n\nnamespace TorchSharp;\n\n" +
            "internal static unsafe partial class Native\n{\n");
        foreach (var op in ops)
        {
            var parameters = op.Params.Select(p => string.Format(Kind.Of(p).Import, Escape(p.Name))).ToList();
            if (op.IsMethod)
                parameters.Insert(0, "nint self");
            if (ResultImport(op) is { Length: > 0 } result)
                parameters.Add(result);
            text.Append($"    [DllImport(Library)]\n    internal static extern int {op.Export}(" +
                $"{string.Join(", ", parameters)});\n\n");
        }

        return text.ToString().TrimEnd() + "\n}\n";
    }

    /// <summary>The members of one section, with the static twins of methods where asked.</summary>
    public static string Members(IEnumerable<Op> ops, string[] nesting, bool twins = false)
    {
        var text = new StringBuilder(Head + "using TorchSharp.Modules;\nusing static TorchSharp.torch.nn;\n\n" +
            "namespace TorchSharp;\n\n");
        for (var i = 0; i < nesting.Length; i++)
            text.Append($"{Pad(i)}{nesting[i]}\n{Pad(i)}{{\n");
        foreach (var op in ops)
            text.Append(Indent(twins ? Twin(op) : Member(op), nesting.Length) + "\n");
        text.Length--;
        for (var i = nesting.Length - 1; i >= 0; i--)
            text.Append($"{Pad(i)}}}\n");
        return text.ToString();
    }

    private static string Twin(Op op)
    {
        var names = op.Twin!;
        var rest = string.Concat(op.Params.Select((p, i) => ", " + Declare(p with { Name = names[i + 1] })));
        var arguments = string.Join(", ", names.Skip(1).Select(Escape));
        return $"public static {op.Returns} {op.Name}(Tensor {Escape(names[0])}{rest})" +
            $" => {Escape(names[0])}.{op.Name}({arguments});\n";
    }

    private static string Member(Op op)
    {
        var access = op.Section == "Ops" ? "internal" : "public";
        var isStatic = op.IsMethod ? "" : "static ";
        var text = new StringBuilder($"{access} {isStatic}unsafe {op.Returns} {Escape(op.Name)}(" +
            $"{string.Join(", ", op.Params.Select(Declare))})\n{{\n");
        foreach (var p in op.Params.Where(p => Kind.Of(p).Before.Length > 0))
            text.Append($"    {string.Format(Kind.Of(p).Before, Escape(p.Name))}\n");
        text.Append(ResultLocal(op));
        foreach (var p in op.Params.Where(p => Kind.Of(p).Fixed.Length > 0))
            text.Append($"    {string.Format(Kind.Of(p).Fixed, Escape(p.Name))}\n");

        var arguments = op.Params.Select(p => string.Format(Kind.Of(p).Pass, Escape(p.Name))).ToList();
        if (op.IsMethod)
            arguments.Insert(0, "Handle");
        if (ResultArgument(op) is { Length: > 0 } result)
            arguments.Add(result);
        text.Append($"    Native.Check(Native.{op.Export}({string.Join(", ", arguments)}));\n");

        if (op.IsMethod)
            text.Append("    GC.KeepAlive(this);\n");
        foreach (var p in op.Params.Where(p => Kind.Of(p).Keep.Length > 0))
            text.Append($"    GC.KeepAlive({string.Format(Kind.Of(p).Keep, Escape(p.Name))});\n");
        return text.Append(ResultReturn(op)).Append("}\n").ToString();
    }

    private static string Declare(Param p)
    {
        var type = Kind.Of(p).Managed;
        var prefix = p.Type.StartsWith("params ") ? "params " : "";
        return $"{prefix}{type} {Escape(p.Name)}{(p.Default is null ? "" : $" = {p.Default}")}";
    }

    private static bool IsTuple(Op op) => op.Returns[0] == '(';

    private static string ResultImport(Op op) => op.Returns switch
    {
        _ when op.InPlace || op.Returns == "void" => "",
        "Tensor[]" => "nint** result, long* resultCount",
        "bool" => "bool* result",
        _ => "nint* result",
    };

    private static string ResultLocal(Op op) => op.Returns switch
    {
        _ when op.InPlace || op.Returns == "void" => "",
        "Tensor[]" => "    nint* result;\n    long resultCount;\n",
        "bool" => "    bool result;\n",
        _ when IsTuple(op) => $"    var result = stackalloc nint[{NativeEmitter.TupleSize(op)}];\n",
        _ => "    nint result;\n",
    };

    private static string ResultArgument(Op op) => op.Returns switch
    {
        _ when op.InPlace || op.Returns == "void" => "",
        "Tensor[]" => "&result, &resultCount",
        _ when IsTuple(op) => "result",
        _ => "&result",
    };

    private static string ResultReturn(Op op) => op.Returns switch
    {
        _ when op.InPlace => "    return this;\n",
        "void" => "",
        "Tensor[]" => "    return Native.Tensors(result, resultCount);\n",
        "bool" => "    return result;\n",
        _ when IsTuple(op) => "    return (" + string.Join(", ",
            Enumerable.Range(0, NativeEmitter.TupleSize(op)).Select(i => $"new Tensor(result[{i}])")) + ");\n",
        _ => "    return new Tensor(result);\n",
    };

    private static string Escape(string name) => Keywords.Contains(name) ? "@" + name : name;

    private static string Pad(int depth) => new(' ', depth * 4);

    private static string Indent(string text, int depth) => string.Concat(text.TrimEnd('\n').Split('\n')
        .Select(line => (line.Length > 0 ? Pad(depth) + line : line) + "\n"));
}

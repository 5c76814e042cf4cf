using System.Text.RegularExpressions;

namespace Mlops.TorchGenerator;

/// <summary>One parameter of a row.</summary>
/// <param name="Type">The managed type as the table writes it.</param>
/// <param name="Name">The managed name.</param>
/// <param name="Default">The default value's text; null if there is none.</param>
public sealed record Param(string Type, string Name, string? Default)
{
    /// <summary>A reference parameter that may be absent.</summary>
    public bool Nullable => Default == "null" || Type.EndsWith('?');
}

/// <summary>One row of the op table.</summary>
/// <param name="Section">Where it is exposed: Tensor, torch, nn.functional, or Ops (internal).</param>
/// <param name="Export">Name of the C export, unique.</param>
/// <param name="Returns">The managed return type.</param>
/// <param name="Name">The managed name.</param>
/// <param name="Params">The parameters without the tensor itself.</param>
/// <param name="Twin">Parameter names of the static twin in <c>torch</c>; null if there is none.</param>
/// <param name="Expression">The C++ expression.</param>
public sealed record Op(
    string Section, string Export, string Returns, string Name,
    IReadOnlyList<Param> Params, IReadOnlyList<string>? Twin, string Expression)
{
    /// <summary>Whether the tensor itself is an implicit first argument.</summary>
    public bool IsMethod => Section == "Tensor";

    /// <summary>Whether the row changes the tensor and answers with it.</summary>
    public bool InPlace => IsMethod && Name.EndsWith('_');
}

/// <summary>Reads the op table.</summary>
public static partial class OpTable
{
    /// <summary>All rows in the order of the file.</summary>
    public static IReadOnlyList<Op> Parse(string text)
    {
        var ops = new List<Op>();
        var counts = new Dictionary<string, int>();
        var section = "";
        foreach (var line in text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            if (line[0] == '[')
            {
                section = line.Trim('[', ']');
                continue;
            }

            ops.Add(Row(section, line, counts));
        }

        return ops;
    }

    private static Op Row(string section, string line, Dictionary<string, int> counts)
    {
        var columns = line.Split(" | ");
        var match = Signature().Match(columns[0]);
        if (!match.Success)
            throw new FormatException($"the op table's row \"{line}\" does not begin with a signature");

        var name = match.Groups["name"].Value;
        var parameters = Split(match.Groups["params"].Value).Select(ToParam).ToList();
        var number = counts[name] = counts.GetValueOrDefault(name) + 1;
        var isMethod = section == "Tensor";
        var twin = isMethod && columns.Length > 1 && columns[1] != "-" ? columns[1].Split(", ") : null;
        var given = columns.Length > (isMethod ? 2 : 1) ? columns[^1] : null;
        return new Op(section, $"tl_{name}{(number == 1 ? "" : $"_{number}")}", match.Groups["returns"].Value, name,
            parameters, twin, given ?? DefaultExpression(name, parameters));
    }

    private static string DefaultExpression(string name, IReadOnlyList<Param> parameters) => name.EndsWith('_')
        ? $"self.{name}({string.Join(", ", parameters.Select(p => p.Name))})"
        : $"at::{name}({string.Join(", ", parameters.Select(p => p.Name).Prepend("self"))})";

    private static Param ToParam(string text)
    {
        var (declaration, value) = text.Split(" = ") is [var d, var v] ? (d, v) : (text, null);
        var space = declaration.LastIndexOf(' ');
        return new Param(declaration[..space], declaration[(space + 1)..], value);
    }

    private static IEnumerable<string> Split(string text)
    {
        var depth = 0;
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] is '<' or '(' ? 1 : text[i] is '>' or ')' ? -1 : 0;
            if (text[i] != ',' || depth > 0)
                continue;
            yield return text[start..i].Trim();
            start = i + 1;
        }

        if (text[start..].Trim() is { Length: > 0 } last)
            yield return last;
    }

    [GeneratedRegex(@"^(?<returns>\(.*?\)|\S+) (?<name>\w+)\((?<params>.*)\)$")]
    private static partial Regex Signature();
}

using System.Text.RegularExpressions;
using Mlops.Tests.Support;

namespace Mlops.Tests.Laws;

/// <summary>What our own code may ask of the tensor library.</summary>
public sealed partial class TorchTests
{
    [Fact]
    public void Whatever_makes_a_tensor_says_where()
    {
        var strays = Calls(Makers()).Where(call => !Places().IsMatch(call.Arguments));

        Assert.Empty(strays.Select(call => call.Place));
    }

    /// <summary>These end the process instead of throwing where their arguments are wrong. A product of matrices is
    /// allowed where its shapes are the network's own.</summary>
    [Fact]
    public void Nothing_is_called_that_ends_the_process_on_an_error()
    {
        var strays = Calls(Aborting()).Where(call => !call.Place.StartsWith("shared/Pruning/Alter/AlterNetwork.cs"));

        Assert.Empty(strays.Select(call => call.Place));
    }

    private static IEnumerable<(string Place, string Arguments)> Calls(Regex pattern) =>
        from file in Repository.Sources(".cs", "shared", "services")
        let text = File.ReadAllText(file)
        where text.Contains("TorchSharp", StringComparison.Ordinal)
        from Match call in pattern.Matches(text)
        let line = text.AsSpan(0, call.Index).Count('\n') + 1
        select ($"{Repository.Relative(file)}:{line}: {call.Value}", Arguments(text, call.Index + call.Length));

    // Up to the bracket that closes the call.
    private static string Arguments(string text, int start)
    {
        var (depth, end) = (1, start);
        for (; depth > 0; end++)
            depth += text[end] switch { '(' => 1, ')' => -1, _ => 0 };
        return text[start..(end - 1)];
    }

    [GeneratedRegex(@"(?<![\w.])(zeros|ones|empty|full|rand|randn|randint|randperm|arange|linspace|logspace|eye|tensor|"
        + @"as_tensor|from_array|frombuffer|normal)\(|\bnn\.(Linear|Conv\dd|LayerNorm|GroupNorm|Embedding)\(")]
    private static partial Regex Makers();

    [GeneratedRegex("device|Device|CPU|META")]
    private static partial Regex Places();

    [GeneratedRegex(@"\b(matmul|cummax|cummin|set_state|ToSingle)\(|autograd\.grad\(")]
    private static partial Regex Aborting();
}

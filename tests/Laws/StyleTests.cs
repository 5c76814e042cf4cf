using System.Text.RegularExpressions;
using Mlops.Tests.Support;

namespace Mlops.Tests.Laws;

/// <summary>Habits that all files share and that no analyzer checks; the others are errors in .editorconfig.</summary>
public sealed partial class StyleTests
{
    [Fact]
    public void A_caught_exception_is_called_exception()
    {
        Assert.Empty(Matches(OtherException()));
    }

    [Fact]
    public void The_guard_that_turns_gradients_off_is_called_noGrad()
    {
        Assert.Empty(Matches(OtherGuard()));
    }

    [Fact]
    public void A_line_that_goes_on_begins_with_its_operator()
    {
        Assert.Empty(Matches(TrailingOperator()));
    }

    private static List<string> Matches(Regex pattern) =>
    [
        .. from file in Repository.Sources(".cs")
           from line in File.ReadLines(file).Select((text, index) => (text, index))
           where pattern.IsMatch(line.text)
           select $"{Repository.Relative(file)}:{line.index + 1}: {line.text.Trim()}",
    ];

    [GeneratedRegex(@"\bcatch \([\w.]+ (?!exception\))\w+\)")]
    private static partial Regex OtherException();

    [GeneratedRegex(@"\busing var (?!noGrad )\w+ = (\w+\.)*no_grad\(")]
    private static partial Regex OtherGuard();

    // In code: comments may end as they like.
    [GeneratedRegex(@"^(?!\s*//).*(?<=[\w)\]"" ])\s(\+|-|\*|/|&&|\|\||\?\?|==|!=|<=|>=|<|>)$")]
    private static partial Regex TrailingOperator();
}

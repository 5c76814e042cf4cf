using System.Text.RegularExpressions;
using Mlops.Tests.Support;

namespace Mlops.Tests.Laws;

/// <summary>We say what the field says; these words of our own had crept in, and stay out.</summary>
public sealed class WordsTests
{
    [Theory]
    [InlineData("(?i:sign|signs) of life|[Ff](ell|alls) silent", "heartbeat, lease expired")]
    [InlineData("(?i:housekeeping|leftovers)", "maintenance, stale files, cleanup")]
    [InlineData("(?i:assassin)", "fault injection, kill")]
    [InlineData("(?i:whoever)", "the one who is meant: the caller, the user, a subscriber")]
    [InlineData("(?i:alarm.?clock)|(?i:night.?(keeper|rounds))", "trigger, scheduled run, occurrence")]
    [InlineData("(?i:good order|good end)", "graceful shutdown")]
    [InlineData("(?<![a-z])[Mm]end(s|ed|ing)?(?![a-z])", "fix, correct, repair")]
    [InlineData("(?<![a-z])[Tt]wins?(?![a-z])", "duplicate job, single-flight; variant, version")]
    [InlineData("(?i:server|broker|store|disk|receiver)[ _](that[ _])?(is|are)[ _]away|IsAway", "unavailable")]
    [InlineData("(?<![a-z])[Rr]ecall(ed|Async)(?![a-z])|to recall", "resolve; recall is a metric of distributions")]
    [InlineData("(?i:shared.?cores)", "thread budget")]
    [InlineData("(?i:calm.?runs)", "baseline run")]
    [InlineData("one door|(?<![A-Za-z])intake|knocks", "submission")]
    public void What_the_field_has_a_word_for_is_called_by_it(string old, string say)
    {
        Assert.Empty(Places(new Regex(old), _ => true).Select(place => $"{place} (say: {say})"));
    }

    [Fact]
    public void Patience_is_what_a_search_has_before_it_stops_early()
    {
        Assert.Empty(Places(
            new Regex("(?i:patien(ce|t))"), file => !file.Contains("Search/", StringComparison.Ordinal))
            .Select(place => $"{place} (say: timeout, retry window, grace period)"));
    }

    [Fact]
    public void We_spell_as_the_libraries_do()
    {
        const string british = "(?i:colour|centre|neighbour|behaviour|licence|grey(?!\\])|labelled|"
            + "(optim|normal|recogn|initial|minim|serial|quant|organ)is(e|ed|es|er|ers|ing|ation)\\b)";

        Assert.Empty(Places(new Regex(british), _ => true));
    }

    private static IEnumerable<string> Written =>
    [
        .. Repository.Sources(".cs"), .. Repository.Sources(".md"), .. Repository.Sources(".md", "docs"),
        Repository.Path("README.md"),
    ];

    private static IEnumerable<string> Places(Regex old, Func<string, bool> isMeant) =>
        from file in Written
        let path = Repository.Relative(file)
        where isMeant(path) && !path.EndsWith($"{nameof(WordsTests)}.cs", StringComparison.Ordinal)
        from line in File.ReadLines(file).Select((text, index) => (text, index))
        where old.IsMatch(line.text)
        select $"{path}:{line.index + 1}: {line.text.Trim()}";
}

using System.Text.RegularExpressions;
using Mlops.Tests.Support;

namespace Mlops.Tests.Laws;

/// <summary>Things that must not be in the sources at all.</summary>
public sealed partial class SafetyTests
{
    [Fact]
    public void Nothing_unpickles_or_loads_whole_modules()
    {
        var hits = Matches(Unpickling(), Repository.Sources(".cs", "shared", "services")
            .Concat(Repository.Sources(".py", "infra", "shared", "services")));

        Assert.Empty(hits);
    }

    [Fact]
    public void Tests_do_not_sleep()
    {
        // Benchmarks are no tests: they wait for real things.
        Assert.Empty(Matches(Sleeping(), Repository.Sources(".cs", "tests")
            .Where(file => !Repository.Relative(file).StartsWith("tests/Bench/", StringComparison.Ordinal))));
    }

    [Fact]
    public void Numbers_are_compared_within_a_tolerance_not_by_rounding()
    {
        Assert.Empty(Matches(Rounding(), Repository.Sources(".cs", "tests")));
    }

    [Fact]
    public void No_open_end_is_left_in_the_sources()
    {
        Assert.Empty(Matches(OpenEnd(), Repository.Sources(".cs")));
    }

    [Fact]
    public void Warnings_are_silenced_only_with_a_reason()
    {
        Assert.Empty(Matches(BarePragma(), Repository.Sources(".cs")));
    }

    private static List<string> Matches(Regex pattern, IEnumerable<string> files) =>
    [
        .. from file in files
           where !file.EndsWith(nameof(SafetyTests) + ".cs", StringComparison.Ordinal)
           from line in File.ReadLines(file).Select((text, index) => (text, index))
           where pattern.IsMatch(line.text)
           select $"{Repository.Relative(file)}:{line.index + 1}: {line.text.Trim()}",
    ];

    [GeneratedRegex(
        @"\b(pickle\.load|Unpickl|BinaryFormatter|torch\.load\s*\(|jit\.load\s*\()", RegexOptions.IgnoreCase)]
    private static partial Regex Unpickling();

    [GeneratedRegex(@"Thread\.Sleep|Task\.Delay\(")]
    private static partial Regex Sleeping();

    // Assert.Equal(a, b, 4) rounds: 0.00004999 and 0.00005001 differ.
    [GeneratedRegex(@"Assert\.Equal\([^()]*(\([^()]*\)[^()]*)*, \d+\);")]
    private static partial Regex Rounding();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX|NotImplementedException)\b")]
    private static partial Regex OpenEnd();

    [GeneratedRegex(@"#pragma warning disable [^/]*$")]
    private static partial Regex BarePragma();
}

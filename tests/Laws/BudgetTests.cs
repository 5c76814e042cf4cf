using Mlops.Tests.Support;

namespace Mlops.Tests.Laws;

/// <summary>Size is a budget: what outgrows it is split, or the budget is raised in the same commit.</summary>
public sealed class BudgetTests
{
    private const int LinesPerFile = 300;
    private const int ColumnsPerLine = 120;
    private const int LinesPerProgram = 15;
    private const int LinesPerConsumer = 60;
    private const int LinesInAll = 72_000;

    [Fact]
    public void No_source_file_is_longer_than_the_budget()
    {
        var tooLong = Written().Where(file => Lines(file) > LinesPerFile);

        Assert.Empty(tooLong.Select(file => $"{Repository.Relative(file)}: {Lines(file)} lines"));
    }

    [Fact]
    public void No_line_is_wider_than_the_budget()
    {
        var tooWide =
            from file in Written()
            from line in File.ReadLines(file).Select((text, index) => (text, index))
            where line.text.Length > ColumnsPerLine
            select $"{Repository.Relative(file)}:{line.index + 1}: {line.text.Length} columns";

        Assert.Empty(tooWide);
    }

    [Fact]
    public void Programs_and_consumers_stay_thin()
    {
        var thick = Written()
            .Where(file => Limit(file) is { } limit && Lines(file) > limit)
            .Select(file => $"{Repository.Relative(file)}: {Lines(file)} lines, at most {Limit(file)}");

        Assert.Empty(thick);
    }

    [Fact]
    public void The_whole_repository_stays_under_its_cap()
    {
        var lines = Written().Sum(Lines);

        Assert.InRange(lines, 1, LinesInAll);
    }

    private static IEnumerable<string> Written() => Repository.Sources(".cs");

    private static int Lines(string file) => File.ReadLines(file).Count();

    private static int? Limit(string file) => Path.GetFileName(file) switch
    {
        "Program.cs" => LinesPerProgram,
        var name when name.EndsWith("Consumer.cs", StringComparison.Ordinal) => LinesPerConsumer,
        _ => null,
    };
}

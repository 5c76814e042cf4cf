using System.Text.RegularExpressions;
using Mlops.Cli.Commands;
using Mlops.Tests.Support;

namespace Mlops.Tests.Laws;

/// <summary>A reader types what the documents say; it has to be true.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string[] Documents =
    [
        "README.md", "docs/benchmarks.md", "docs/recipes.md", "docs/schedules.md", "docs/api.md",
        "docs/exports.md",
    ];

    public static TheoryData<string> MlopsCommands => [.. Commands().Where(line => line.StartsWith("mlops "))];

    public static TheoryData<string> MakeCommands => [.. Commands().Where(line => line.StartsWith("make "))];

    [Theory]
    [MemberData(nameof(MlopsCommands))]
    public void Every_mlops_command_of_the_documents_is_understood(string line)
    {
        var parsed = RootCommands.Create().Parse(line["mlops ".Length..]);

        Assert.Empty(parsed.Errors.Select(error => error.Message));
    }

    [Theory]
    [MemberData(nameof(MakeCommands))]
    public void Every_make_command_of_the_documents_has_a_rule(string line)
    {
        var targets = Targets().Matches(File.ReadAllText(Repository.Path("Makefile")))
            .Select(match => match.Groups[1].Value);

        Assert.Contains(line.Split(' ')[1], targets);
    }

    [Fact]
    public void Links_between_documents_lead_somewhere()
    {
        var broken =
            from document in Documents
                .Concat(["docs/deployment.md", "infra/torch/README.md", "shared/Platform/README.md"])
            let folder = Path.GetDirectoryName(Repository.Path(document))!
            from Match link in Links().Matches(File.ReadAllText(Repository.Path(document)))
            let target = link.Groups[1].Value.Split('#')[0]
            where target.Length > 0 && !target.Contains("://")
            where !Path.Exists(Path.Combine(folder, target))
            select $"{document}: {target}";

        Assert.Empty(broken);
    }

    private static IEnumerable<string> Commands() => Documents
        .SelectMany(Support.Documents.ShellBlocks)
        .SelectMany(block => block.Split('\n'))
        .Select(line => line.Split(" #")[0].Trim())
        .Where(line => line.Length > 0)
        .Distinct();

    [GeneratedRegex(@"^([a-z0-9-]+):", RegexOptions.Multiline)]
    private static partial Regex Targets();

    [GeneratedRegex(@"\[[^\]]+\]\(([^)\s]+)\)")]
    private static partial Regex Links();
}

using System.Text.RegularExpressions;
using Mlops.Tests.Support;

namespace Mlops.Tests.Laws;

/// <summary>The map shows the house as it is.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string Page = File.ReadAllText(Repository.Path("docs", "architecture.md"));

    [Fact]
    public void Every_file_and_folder_that_it_names_exists()
    {
        var missing = Paths().Matches(Page).Select(match => match.Groups[1].Value)
            .Where(path => !System.IO.Path.Exists(Repository.Path(path)));

        Assert.Empty(missing);
    }

    [Fact]
    public void Every_project_of_the_product_has_a_line()
    {
        var projects = Repository.Sources(".csproj", "shared", "services")
            .Select(file => Repository.Relative(System.IO.Path.GetDirectoryName(file)!).Replace('\\', '/'));

        Assert.All(projects, project => Assert.Contains($"| `{project}` |", Page));
    }

    [GeneratedRegex(@"`((?:shared|services|tests|infra)/[^`\s]*)`")]
    private static partial Regex Paths();
}

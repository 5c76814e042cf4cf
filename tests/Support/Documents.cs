using System.Text.RegularExpressions;

namespace Mlops.Tests.Support;

/// <summary>What a reader of the documents types.</summary>
public static partial class Documents
{
    /// <summary>The <c>sh</c> blocks of a document.</summary>
    public static IEnumerable<string> ShellBlocks(string document) =>
        ShellBlock().Matches(File.ReadAllText(Repository.Path(document))).Select(block => block.Groups[1].Value);

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlock();
}

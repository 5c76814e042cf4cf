using System.Text.RegularExpressions;

namespace Mlops.SparseExport;

/// <summary>The dense model that an export derives from, as far as its files say.</summary>
/// <param name="Name">Its name on a hub, <c>owner/name</c>; null if unknown.</param>
/// <param name="License">As its card names it; null if unknown.</param>
/// <param name="IsTuned">Whether the pruned weights were trained after pruning.</param>
public sealed partial record BaseModel(string? Name, string? License, bool IsTuned)
{
    /// <summary>What a card says where nobody knows.</summary>
    public const string Unknown = "unknown";

    internal static BaseModel Of(PrunedSource source)
    {
        var card = Path.Combine(source.DenseFolder, "README.md");
        var head = File.Exists(card) ? Head().Match(File.ReadAllText(card)).Value : "";
        var name = source.Model.Inner.Config.OptionalText("_name_or_path");
        var license = LicenseLine().Match(head);
        return new(
            name is not null && HubName().IsMatch(name) ? name : null,
            license.Success && license.Groups[1].Value != Unknown ? license.Groups[1].Value : null, source.IsTuned);
    }

    [GeneratedRegex(@"\A---\n.*?\n---\n", RegexOptions.Singleline)]
    private static partial Regex Head();

    [GeneratedRegex(@"^license:\s*[""']?([\w.+-]+)[""']?\s*$", RegexOptions.Multiline)]
    private static partial Regex LicenseLine();

    [GeneratedRegex(@"\A[\w-][\w.-]*/[\w-][\w.-]*\z")]
    private static partial Regex HubName();
}

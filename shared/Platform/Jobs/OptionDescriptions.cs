using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Mlops.Platform.Jobs;

/// <summary>One setting of a job, as its options record declares it.</summary>
/// <param name="Name">In kebab-case, as recipes write it.</param>
/// <param name="Type">What a value must be.</param>
/// <param name="Allowed">Range or words; empty where anything of the type goes.</param>
/// <param name="Default">As JSON.</param>
/// <param name="Meaning">The summary of the property.</param>
public sealed record OptionDescription(string Name, string Type, string Allowed, string Default, string Meaning);

/// <summary>Describes the settings of jobs from nothing but their options records.</summary>
public static partial class OptionDescriptions
{
    /// <summary>All settings of an options record, in the order of its properties.</summary>
    public static IReadOnlyList<OptionDescription> Of(Type options)
    {
        var defaults = JobOptions.Defaults(Activator.CreateInstance(options)!);
        var meanings = Meanings(options);
        return
        [
            .. from property in options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
               let name = JsonNamingPolicy.KebabCaseLower.ConvertName(property.Name)
               where defaults.ContainsKey(name)
               select new OptionDescription(
                   name, JobOptions.Describe(property.PropertyType), Allowed(property), defaults[name].GetRawText(),
                   meanings.GetValueOrDefault(property.Name, "")),
        ];
    }

    private static string Allowed(PropertyInfo property) => property.GetCustomAttributes<ValidationAttribute>()
        .Select(rule => rule switch
        {
            RangeAttribute range => string.Create(
                CultureInfo.InvariantCulture,
                $"{(range.MinimumIsExclusive ? "above " : "")}{range.Minimum} to "
                + $"{(range.MaximumIsExclusive ? "below " : "")}{range.Maximum}"),
            RegularExpressionAttribute words => words.Pattern.Replace("|", ", ", StringComparison.Ordinal),
            AllowedValuesAttribute values => string.Join(", ", values.Values),
            _ => "",
        }).FirstOrDefault(text => text != "") ?? "";

    // The compiler writes the summaries into a file beside the assembly.
    private static Dictionary<string, string> Meanings(Type options)
    {
        var file = Path.ChangeExtension(options.Assembly.Location, ".xml");
        var prefix = $"P:{options.FullName}.";
        return !File.Exists(file) ? [] : XDocument.Load(file).Descendants("member")
            .Where(member => ((string?)member.Attribute("name"))?.StartsWith(prefix, StringComparison.Ordinal) == true)
            .ToDictionary(member => member.Attribute("name")!.Value[prefix.Length..], Text, StringComparer.Ordinal);
    }

    private static string Text(XElement member)
    {
        var words = member.Element("summary")?.DescendantNodes().Select(node => node switch
        {
            XText text => text.Value,
            XElement see when (string?)see.Attribute("cref") is { } target => target[(target.LastIndexOf('.') + 1)..],
            _ => "",
        });
        return Spaces().Replace(string.Concat(words ?? []), " ").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

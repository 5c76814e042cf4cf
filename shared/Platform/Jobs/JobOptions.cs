using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Mlops.Platform.Errors;

namespace Mlops.Platform.Jobs;

/// <summary>
/// Reads a service's options from JSON strictly: kebab-case names, nothing unknown, every range kept.
/// </summary>
public static class JobOptions
{
    private static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) },
    };

    /// <summary>Reads the options; what is not given keeps its default.</summary>
    /// <exception cref="ArgumentException">One sentence naming the option, its value and what is allowed.</exception>
    public static TOptions Read<TOptions>(string json) where TOptions : class, new()
    {
        using var document = Parse(json);
        var known = Strict.GetTypeInfo(typeof(TOptions)).Properties;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in document.RootElement.EnumerateObject())
        {
            var info = known.FirstOrDefault(candidate => candidate.Name == property.Name)
                ?? throw new ArgumentException(
                    $"unknown option '{property.Name}'{Suggestion.For(property.Name, known.Select(o => o.Name))}; "
                    + $"known options: {string.Join(", ", known.Select(o => o.Name))}");
            if (!seen.Add(property.Name))
                throw new ArgumentException($"option '{property.Name}' is given twice; keep one");
            CheckType(info, property.Value);
        }
        var options = document.Deserialize<TOptions>(Strict)!;
        Validate(options, known);
        return options;
    }

    /// <summary>Names of the options a service knows, in kebab-case, with their defaults as JSON.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Defaults<TOptions>() where TOptions : class, new() =>
        Defaults(new TOptions());

    internal static Dictionary<string, JsonElement> Defaults(object options) =>
        JsonSerializer.SerializeToElement(options, options.GetType(), Strict).EnumerateObject()
            .ToDictionary(property => property.Name, property => property.Value, StringComparer.Ordinal);

    private static JsonDocument Parse(string json)
    {
        try
        {
            var document = JsonDocument.Parse(string.IsNullOrWhiteSpace(json) ? "{}" : json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
        }
        catch (JsonException exception)
        {
            throw new ArgumentException($"the options are not valid JSON: {exception.Message}", exception);
        }
        throw new ArgumentException("the options must be a JSON object of names and values");
    }

    private static void CheckType(JsonPropertyInfo info, JsonElement value)
    {
        try
        {
            value.Deserialize(Strict.GetTypeInfo(info.PropertyType));
        }
        catch (JsonException exception)
        {
            throw new ArgumentException(
                $"option '{info.Name}' is {value.GetRawText()}; it must be {Describe(info.PropertyType)}", exception);
        }
        if (value.ValueKind == JsonValueKind.Null && !IsNullable(info))
            throw new ArgumentException($"option '{info.Name}' is null; it must be {Describe(info.PropertyType)}");
    }

    private static bool IsNullable(JsonPropertyInfo info) =>
        Nullable.GetUnderlyingType(info.PropertyType) is not null || info.IsGetNullable;

    internal static string Describe(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain.IsEnum)
            return "one of " + string.Join(
                ", ", Enum.GetNames(plain).Select(JsonNamingPolicy.KebabCaseLower.ConvertName));
        return Type.GetTypeCode(plain) switch
        {
            TypeCode.Boolean => "true or false",
            TypeCode.Int32 or TypeCode.Int64 => "a whole number",
            TypeCode.Double or TypeCode.Single => "a number",
            TypeCode.String => "a text",
            _ => plain.IsAssignableTo(typeof(System.Collections.IEnumerable)) ? "a list" : $"a {plain.Name}",
        };
    }

    private static void Validate(object options, IList<JsonPropertyInfo> known)
    {
        foreach (var info in known)
        {
            var value = info.Get!(options);
            if (value is double number && !double.IsFinite(number))
                throw new ArgumentException($"option '{info.Name}' is {number}; it must be a finite number");
            var rules = info.AttributeProvider!.GetCustomAttributes(typeof(ValidationAttribute), inherit: true);
            foreach (var rule in rules.Cast<ValidationAttribute>())
                if (!rule.IsValid(value))
                    throw new ArgumentException(Complaint(info.Name, value, rule));
        }
        if (options is IValidatableObject whole)
            foreach (var result in whole.Validate(new ValidationContext(options)))
                throw new ArgumentException(result.ErrorMessage);
    }

    private static string Complaint(string name, object? value, ValidationAttribute rule) => rule switch
    {
        RangeAttribute range =>
            $"option '{name}' is {Show(value)}; it must be "
            + $"{(range.MinimumIsExclusive ? "above" : "at least")} {Show(range.Minimum)} and "
            + $"{(range.MaximumIsExclusive ? "below" : "at most")} {Show(range.Maximum)}",
        RegularExpressionAttribute { Pattern: var words } when words.All(IsPartOfWords) =>
            $"option '{name}' is '{Show(value)}'; it must be one of "
            + $"{words.Replace("|", ", ", StringComparison.Ordinal)}",
        AllowedValuesAttribute allowed =>
            $"option '{name}' is '{Show(value)}'; it must be one of {string.Join(", ", allowed.Values)}",
        _ => $"option '{name}' is {Show(value)}: {rule.FormatErrorMessage(name)}",
    };

    private static bool IsPartOfWords(char sign) => sign is '|' or '-' or '_' || char.IsAsciiLetterOrDigit(sign);

    private static string Show(object? value) =>
        value is IFormattable number
            ? number.ToString(null, CultureInfo.InvariantCulture)
            : value?.ToString() ?? "missing";
}

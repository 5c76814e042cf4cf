using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Mlops.Platform.Configuration;

/// <summary>
/// The settings of a process: variables <c>MLOPS_…</c> of its environment. One with <c>_FILE</c> behind its name holds
/// the path of a file with the value, which is how containers are given their secrets; it is read when it is asked for.
/// </summary>
public static class Settings
{
    /// <summary>The settings of this process.</summary>
    public static IConfiguration Load() => new ConfigurationBuilder().AddEnvironmentVariables().Build();

    /// <summary>The same from variables that are given.</summary>
    public static IConfiguration From(IEnumerable<KeyValuePair<string, string>> variables) => new ConfigurationBuilder()
        .AddInMemoryCollection(variables.Select(each => KeyValuePair.Create(each.Key, (string?)each.Value))).Build();

    /// <summary>The value of a setting; null if it is empty or absent.</summary>
    /// <exception cref="ArgumentException">The file that holds it does not exist.</exception>
    public static string? Text(this IConfiguration settings, string name) =>
        settings[name] is { Length: > 0 } text ? text : FromFile(settings, $"{name}_FILE");

    /// <summary>A time in whole seconds; null if it is empty or absent.</summary>
    /// <exception cref="ArgumentException">It is something else.</exception>
    public static TimeSpan? Seconds(this IConfiguration settings, string name) => settings.Text(name) switch
    {
        null => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds > 0 => TimeSpan.FromSeconds(seconds),
        var text => throw new ArgumentException($"{name} is '{text}'; it must be a whole number of seconds"),
    };

    private static string? FromFile(IConfiguration settings, string name) => settings[name] switch
    {
        null or "" => null,
        var path when File.Exists(path) => File.ReadAllText(path).Trim(),
        var path => throw new ArgumentException($"{name} names the file '{path}', which does not exist"),
    };
}

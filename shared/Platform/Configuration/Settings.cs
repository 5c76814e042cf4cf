using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Mlops.Platform.Configuration;

/// <summary>
/// The settings of a process: variables <c>MLOPS_…</c> of its environment. One with <c>_FILE</c> behind its name holds
/// the path of a file with the value, which is how containers are given their secrets.
/// </summary>
public static class Settings
{
    private const string Prefix = "MLOPS_", FileSuffix = "_FILE";

    /// <summary>The settings of this process.</summary>
    /// <exception cref="ArgumentException">A file that a variable names does not exist.</exception>
    public static IConfiguration Load() => WithFiles(new ConfigurationBuilder().AddEnvironmentVariables().Build());

    /// <summary>The same from variables that are given.</summary>
    /// <exception cref="ArgumentException">A file that a variable names does not exist.</exception>
    public static IConfiguration From(IEnumerable<KeyValuePair<string, string>> variables) => WithFiles(
        new ConfigurationBuilder()
            .AddInMemoryCollection(variables.Select(each => KeyValuePair.Create(each.Key, (string?)each.Value)))
            .Build());

    /// <summary>The value of a setting; null if it is empty or absent.</summary>
    public static string? Text(this IConfiguration settings, string name) =>
        settings[name] is { Length: > 0 } text ? text : null;

    /// <summary>A time in whole seconds; null if it is empty or absent.</summary>
    /// <exception cref="ArgumentException">It is something else.</exception>
    public static TimeSpan? Seconds(this IConfiguration settings, string name) => settings.Text(name) switch
    {
        null => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds > 0 => TimeSpan.FromSeconds(seconds),
        var text => throw new ArgumentException($"{name} is '{text}'; it must be a whole number of seconds"),
    };

    private static IConfigurationRoot WithFiles(IConfigurationRoot variables)
    {
        var files =
            from variable in variables.GetChildren()
            where variable.Key.StartsWith(Prefix, StringComparison.Ordinal)
                && variable.Key.EndsWith(FileSuffix, StringComparison.Ordinal) && variable.Value is { Length: > 0 }
            select KeyValuePair.Create<string, string?>(
                variable.Key[..^FileSuffix.Length], ReadFile(variable.Key, variable.Value!));
        return new ConfigurationBuilder().AddInMemoryCollection(files.ToList()).AddConfiguration(variables).Build();
    }

    private static string ReadFile(string variable, string path) => File.Exists(path)
        ? File.ReadAllText(path).Trim()
        : throw new ArgumentException($"{variable} names the file '{path}', which does not exist");
}

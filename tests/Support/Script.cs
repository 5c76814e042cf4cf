using System.Diagnostics;

namespace Mlops.Tests.Support;

/// <summary>A program of another language, run to its end.</summary>
internal static class Script
{
    /// <summary>Where Debian's packages of Python modules lie; their interpreter is <c>/usr/bin/python3</c>.</summary>
    private const string DebianModules = "/usr/lib/python3/dist-packages";

    /// <summary>Whether Debian's Python has a module.</summary>
    public static bool HasPython(string module) => Directory.Exists(Path.Combine(DebianModules, module));

    /// <summary>Runs a script with Debian's Python.</summary>
    /// <param name="script">Path in the repository.</param>
    public static Task<string> PythonAsync(string script, params string[] arguments) =>
        RunAsync(script, "/usr/bin/python3", [Repository.Path(script), .. arguments]);

    /// <summary>Runs a program, which must succeed.</summary>
    /// <returns>What it wrote.</returns>
    public static async Task<string> RunAsync(string name, string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{name}: {output}{await errors}");
        return output;
    }
}

/// <summary>A test against Debian's Python packages, counted as skipped where one is absent.</summary>
public sealed class OracleFactAttribute : FactAttribute
{
    public OracleFactAttribute(params string[] modules)
    {
        if (Array.Find(modules, module => !Script.HasPython(module)) is { } absent)
            Skip = $"Debian's Python has no {absent} here; infra/packages.sh oracles installs it";
    }
}

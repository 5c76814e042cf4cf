using System.CommandLine;

namespace Mlops.Cli.Commands;

/// <summary>Options that several commands share.</summary>
public static class CommonOptions
{
    private const string HomeVariable = "MLOPS_HOME";

    /// <summary>Where objects, history and logs are kept.</summary>
    public static Option<DirectoryInfo> Home() => new("--home")
    {
        Description = $"Where objects, history and logs are kept (default: ${HomeVariable}, else .mlops here)",
        DefaultValueFactory = _ => new(Environment.GetEnvironmentVariable(HomeVariable) is { Length: > 0 } set
            ? set
            : ".mlops"),
    };
}

using System.CommandLine;
using Mlops.Platform.Configuration;

namespace Mlops.Cli.Commands;

/// <summary>Options that several commands share.</summary>
public static class CommonOptions
{
    private const string HomeVariable = "MLOPS_HOME", ServerVariable = "MLOPS_SERVER", HomeHere = ".mlops";

    /// <summary>Where objects, history and logs are kept.</summary>
    public static Option<DirectoryInfo> Home() => new("--home")
    {
        Description = $"Where objects, history and logs are kept (default: ${HomeVariable}, else {HomeHere} where this "
            + "folder has one, else one for each user)",
        DefaultValueFactory = _ => new(Settings.Load().Text(HomeVariable) ?? DefaultHome()),
    };

    /// <summary>The orchestrator that drives the runs; without one this process does.</summary>
    public static Option<string?> Server() => new("--server")
    {
        Description = $"Address of an orchestrator, http://host:8480 (default: ${ServerVariable}, else this process)",
        DefaultValueFactory = _ => Settings.Load().Text(ServerVariable),
    };

    /// <summary>The address that was given, if any.</summary>
    /// <exception cref="ArgumentException">It is not an address.</exception>
    public static Uri? ServerOf(this ParseResult parsed, Option<string?> option) => parsed.GetValue(option) switch
    {
        null or "" => null,
        var text when Uri.TryCreate(text, UriKind.Absolute, out var address)
            && address.Scheme is "http" or "https" => address,
        var text => throw new ArgumentException($"--server '{text}' is not an address; write http://host:8480"),
    };

    // $XDG_DATA_HOME/mlops, else ~/.local/share/mlops (XDG Base Directory Specification 0.8).
    private static string DefaultHome() => Directory.Exists(HomeHere)
        ? HomeHere
        : Path.Combine(
            Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "mlops");
}

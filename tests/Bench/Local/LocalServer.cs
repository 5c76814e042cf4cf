using System.Diagnostics;

namespace Mlops.Bench.Local;

/// <summary>A broker or an object store on loopback, driven by a script of <c>infra/local</c>.</summary>
/// <param name="script"><c>broker.sh</c> or <c>store.sh</c>.</param>
/// <param name="settings">Variables that the script reads: ports, credentials, time-outs.</param>
public sealed class LocalServer(string script, string folder, IReadOnlyDictionary<string, string> settings)
{
    /// <summary>Starts it, unless it lives, and waits until it is healthy.</summary>
    /// <returns>The variables that tell others how to reach it.</returns>
    public async Task<IReadOnlyDictionary<string, string>> UpAsync(CancellationToken cancellationToken) =>
        (await RunAsync("up", cancellationToken)).Split('\n')
            .Where(line => line.Contains('=', StringComparison.Ordinal)).Select(line => line.Split('=', 2))
            .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);

    /// <summary>Ends it at once; what it had acknowledged is on its disk.</summary>
    public Task KillAsync(CancellationToken cancellationToken) => RunAsync("kill", cancellationToken);

    /// <summary>Shuts it down gracefully.</summary>
    public Task DownAsync(CancellationToken cancellationToken) => RunAsync("down", cancellationToken);

    private async Task<string> RunAsync(string command, CancellationToken cancellationToken)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "local", script);
        var output = Path.Combine(folder, $"{script}.{command}.out");
        Directory.CreateDirectory(folder);
        // To a file: the server keeps what it inherits open, so that the end of a pipe would never come.
        var start = new ProcessStartInfo(
            "/bin/sh", ["-c", "exec bash \"$0\" \"$1\" >\"$2\" 2>\"$2.errors\" </dev/null", path, command, output]);
        foreach (var (variable, value) in settings)
            start.Environment[variable] = value;
        start.Environment["MLOPS_LOCAL"] = folder;
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? await File.ReadAllTextAsync(output, cancellationToken)
            : throw new IOException(
                $"{script} {command} failed: {await File.ReadAllTextAsync($"{output}.errors", cancellationToken)}");
    }
}

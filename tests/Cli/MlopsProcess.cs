using System.Diagnostics;
using System.Text;

namespace Mlops.Tests.Cli;

/// <summary>The command line as a person starts it: a process of its own, in a folder of its own.</summary>
internal sealed class MlopsProcess : IDisposable
{
    private static readonly Dictionary<string, string> Nothing = [];

    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private MlopsProcess(
        string folder, IReadOnlyDictionary<string, string> environment, IEnumerable<string> arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "mlops.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["MLOPS_HOME"] = Path.Combine(folder, "home");
        start.Environment["MLOPS_HTTP"] = "http://127.0.0.1:0";
        foreach (var (variable, value) in environment)
            start.Environment[variable] = value;
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => _errors.AppendLine(line.Data);
        _process.BeginErrorReadLine();
    }

    /// <summary>Starts it and returns at once.</summary>
    public static MlopsProcess Start(string folder, params string[] arguments) => new(folder, Nothing, arguments);

    /// <summary>Starts it with more in its environment.</summary>
    public static MlopsProcess Start(
        string folder, IReadOnlyDictionary<string, string> environment, string[] arguments) =>
        new(folder, environment, arguments);

    /// <summary>Runs it to its end.</summary>
    public static (int ExitCode, string Output, string Errors) Run(string folder, params string[] arguments)
    {
        using var process = Start(folder, arguments);
        return process.Finish();
    }

    /// <summary>Reads standard output up to a line that holds this text.</summary>
    /// <returns>That line.</returns>
    public string WaitFor(string text)
    {
        while (_process.StandardOutput.ReadLine() is { } line)
            if (line.Contains(text, StringComparison.Ordinal))
                return line;
        throw new InvalidOperationException($"the program ended without saying '{text}': {_errors}");
    }

    /// <summary>What Ctrl-C does.</summary>
    public void Interrupt()
    {
        using var signal = Process.Start("kill", ["-INT", $"{_process.Id}"]);
        signal.WaitForExit();
    }

    /// <summary>Ends it without a chance to say anything.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Waits for its end; the code does not tell verdicts apart, on which the time of a short run has a say.
    /// </summary>
    public (int ExitCode, string Output, string Errors) Finish()
    {
        var output = _process.StandardOutput.ReadToEnd();
        _process.WaitForExit();
        return (CommandLine.WithoutVerdict(_process.ExitCode), output, _errors.ToString().Trim());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}

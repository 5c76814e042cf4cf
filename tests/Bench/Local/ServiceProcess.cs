using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Mlops.Bench.Local;

/// <summary>One service as a process of this machine, which can be killed, frozen and started again.</summary>
/// <param name="service">Its project: <c>Evaluation</c>.</param>
/// <param name="name">Its worker id, and the name of its folder.</param>
/// <param name="folder">Its data folder and log are below; nothing is shared with other processes.</param>
public sealed class ServiceProcess(
    string service, string name, string folder, IReadOnlyDictionary<string, string> environment) : IDisposable
{
    private const int Terminate = 15, StopSignal = 19, Continue = 18;

    private Process? _process;

    /// <summary>Its worker id.</summary>
    public string Name => name;

    /// <summary>Its data folder.</summary>
    public string Home { get; } = Path.Combine(folder, name);

    /// <summary>Everything that it wrote, over all its lives.</summary>
    public string LogFile { get; } = Path.Combine(folder, $"{name}.log");

    /// <summary>Whether it lives.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Starts it, as an orchestrator of containers would: same name, same folder.</summary>
    public void Start()
    {
        Directory.CreateDirectory(Home);
        var program = Path.Combine(AppContext.BaseDirectory, $"Mlops.{service}.dll");
        // The shell only redirects: a file outlives the reader, which a pipe to this process would not.
        var start = new ProcessStartInfo(
            "/bin/sh", ["-c", "exec dotnet \"$0\" >>\"$1\" 2>&1 </dev/null", program, LogFile]);
        foreach (var (variable, value) in environment)
            start.Environment[variable] = value;
        start.Environment["MLOPS_HOME"] = Home;
        start.Environment["MLOPS_WORKER_ID"] = name;
        // Several of them may run on a machine, as in tests side by side.
        start.Environment["MLOPS_HTTP"] = "http://127.0.0.1:0";
        start.Environment["MASSTRANSIT_USAGE_TELEMETRY"] = "false";
        _process?.Dispose();
        _process = Process.Start(start);
    }

    /// <summary>Ends it at once, without a chance to say anything.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    /// <summary>Stops it from being scheduled: alive, and deaf.</summary>
    public void Freeze() => Send(StopSignal);

    /// <summary>Lets a frozen one go on.</summary>
    public void Thaw() => Send(Continue);

    /// <summary>Shuts it down gracefully and waits for that.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        Send(Terminate);
        return await ExitAsync(cancellationToken);
    }

    /// <summary>Waits until it has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync(CancellationToken cancellationToken)
    {
        await _process!.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (IsRunning)
            Kill();
        _process?.Dispose();
    }

    private void Send(int signal)
    {
        if (IsRunning)
            _ = SendSignal(_process!.Id, signal);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Mlops.Bench.Steps;

/// <summary>PyTorch in a process of its own: the reference side, asked in turns with ours.</summary>
public sealed class TorchProcess : IDisposable
{
    /// <summary>The variable that holds a shell command which starts <c>torch_steps.py</c>; unset: <c>python3</c> does.
    /// The Python needs PyTorch and diffusers.</summary>
    public const string CommandVariable = "BENCH_TORCH";

    private readonly Process _process;

    /// <summary>Starts the script and waits until it has built its model.</summary>
    /// <param name="setup">What the script reads first, as JSON.</param>
    /// <exception cref="InvalidDataException">PyTorch or diffusers are not installed.</exception>
    public TorchProcess(string setup)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Steps", "torch_steps.py");
        var command = Environment.GetEnvironmentVariable(CommandVariable) ?? $"python3 '{script}'";
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"exec {command}"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{command} could not be started");
        _process.ErrorDataReceived += (_, line) => LastError = line.Data ?? LastError;
        _process.BeginErrorReadLine();
        _process.StandardInput.WriteLine(setup);
        _process.StandardInput.Flush();
        Hello = Read();
    }

    /// <summary>What the script said of its model: its parameters and the version of PyTorch.</summary>
    public JsonElement Hello { get; }

    private string LastError { get; set; } = "nothing on standard error";

    /// <summary>Milliseconds of each of <paramref name="count"/> steps.</summary>
    public double[] Time(string what, int count)
    {
        _process.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} {count}"));
        _process.StandardInput.Flush();
        return [.. Read().GetProperty("ms").EnumerateArray().Select(value => value.GetDouble())];
    }

    /// <summary>Ends the process.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private JsonElement Read()
    {
        // Libraries below PyTorch write their warnings to standard output.
        while (_process.StandardOutput.ReadLine() is { } line)
            if (line.StartsWith('{'))
                return JsonDocument.Parse(line).RootElement;
        throw new InvalidDataException(
            $"the PyTorch side gave up ({LastError}); set {CommandVariable} to a command that starts torch_steps.py "
            + "with a Python that has torch and diffusers");
    }
}

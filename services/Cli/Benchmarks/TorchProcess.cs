using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Mlops.Cli.Benchmarks;

/// <summary>PyTorch in a process of its own: the reference side, asked in turns with ours.</summary>
public sealed class TorchProcess : IDisposable
{
    private const string Python = "/usr/bin/python3";

    private readonly Process _process;

    /// <summary>Starts the script and waits until it has built its model.</summary>
    /// <exception cref="InvalidDataException">PyTorch is not installed.</exception>
    public TorchProcess(string script, string configFile, int batch, int threads)
    {
        var start = new ProcessStartInfo(Python, [script, configFile, Text(batch), Text(threads)])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{Python} could not be started");
        _process.ErrorDataReceived += (_, line) => LastError = line.Data ?? LastError;
        _process.BeginErrorReadLine();
        Hello = Read();
    }

    /// <summary>What the script said of its model.</summary>
    public JsonElement Hello { get; }

    private string LastError { get; set; } = "nothing on standard error";

    /// <summary>Milliseconds of each of <paramref name="count"/> steps.</summary>
    public double[] Time(string what, int count)
    {
        _process.StandardInput.WriteLine($"{what} {Text(count)}");
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
        var line = _process.StandardOutput.ReadLine() ?? throw new InvalidDataException(
            $"the PyTorch side gave up ({LastError}); install it with: apt-get install python3-torch");
        return JsonDocument.Parse(line).RootElement;
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}

using System.Diagnostics;
using System.Text.Json;
using Mlops.Tests.Support;
using static TorchSharp.torch;

namespace Mlops.Tests.Torch;

/// <summary>One operation, written in Python and in C#.</summary>
/// <param name="Name">What the test is called.</param>
/// <param name="Expression">Python over the inputs a, b, c, …</param>
/// <param name="Run">The same in C#.</param>
/// <param name="Shapes">Shapes of the inputs.</param>
public sealed record ParityCase(string Name, string Expression, Func<Tensor[], Tensor> Run, long[][] Shapes);

/// <summary>What PyTorch gives for a case.</summary>
public sealed record Expected(long[] Shape, double[] Forward, double[]?[] Gradients);

/// <summary>Asks Debian's PyTorch once for all cases.</summary>
public sealed class PyTorch
{
    private const string Python = "/usr/bin/python3";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly Lazy<Dictionary<string, Expected>> _answers = new(Ask);

    /// <summary>Whether the Debian package python3-torch is installed.</summary>
    public static bool Exists => File.Exists(Python) && Directory.Exists("/usr/lib/python3/dist-packages/torch");

    /// <summary>The answer to one case.</summary>
    public Expected this[string name] => _answers.Value[name];

    /// <summary>input[i] = sin(1.7 i + offset + 1), as parity.py makes it.</summary>
    public static Tensor Wave(long[] shape, int offset)
    {
        var count = shape.Aggregate(1L, (product, extent) => product * extent);
        var values = Enumerable.Range(0, (int)count).Select(i => (float)Math.Sin(1.7 * i + offset + 1)).ToArray();
        return tensor(values).reshape(shape);
    }

    private static Dictionary<string, Expected> Ask()
    {
        var start = new ProcessStartInfo(Python, [Repository.Path("tests", "Torch", "parity.py")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var cases = ParityCases.All.Select(c => new { c.Name, c.Expression, c.Shapes });
        process.StandardInput.Write(JsonSerializer.Serialize(cases, Json));
        process.StandardInput.Close();
        var answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return JsonSerializer.Deserialize<Dictionary<string, Expected>>(answer, Json)!;
    }
}

/// <summary>A theory that needs python3-torch, counted as skipped where it is absent.</summary>
public sealed class PyTorchTheoryAttribute : TheoryAttribute
{
    public PyTorchTheoryAttribute()
    {
        if (!PyTorch.Exists)
            Skip = "the Debian package python3-torch is not installed";
    }
}

using System.CommandLine;
using Mlops.Bench.Bus;
using Mlops.Bench.Chaos;
using Mlops.Bench.Steps;
using Mlops.Bench.StepTables;
using Mlops.Cli;
using Mlops.Cli.Commands;
using Mlops.Cli.Display;
using Mlops.Diffusion.Devices;
using Mlops.Platform.Configuration;
using Spectre.Console;

namespace Mlops.Bench;

/// <summary><c>dotnet run --project tests/Bench NAME</c>: the numbers of docs/benchmarks.md, anew.</summary>
public static class BenchCommand
{
    private const int ChaosRuns = 200;
    private const int StoreMebibytes = 1024;
    private const int HeldOutNoises = 256;
    private const int GateEvaluations = 2000;

    private static readonly Dictionary<string, Benchmark> Known = new()
    {
        ["steps"] = (scale, token) => Task.Run(() => new StepBenchmark(
            ComputeDevice.Resolve(scale.Device), scale.Precision).Run(token), token),
        ["speedup"] = (_, token) => Task.Run(() => SpeedupBenchmark.Run(token), token),
        ["steptables"] = (scale, token) => Task.Run(() => StepTables(scale, token), token),
        ["bus"] = (scale, token) => new BusBenchmark(scale.Home, Progress()).RunAsync(token),
        ["workers"] = (scale, token) => new WorkersBenchmark(scale.Home, Progress()).RunAsync(token),
        ["store"] = StoreAsync,
        ["chaos"] = ChaosAsync,
        ["gate"] = (scale, token) => new GateBenchmark(scale.Home, scale.Size ?? GateEvaluations, Progress())
            .RunAsync(token),
    };

    private delegate Task<BenchmarkTable> Benchmark(Scale scale, CancellationToken cancellationToken);

    /// <summary>The command.</summary>
    public static RootCommand Create()
    {
        var name = new Argument<string>("name") { Description = $"{string.Join(", ", Known.Keys)}, or all" };
        name.AcceptOnlyFromAmong([.. Known.Keys, "all"]);
        var json = new Option<bool>("--json") { Description = "Print JSON instead of a table" };
        var size = new Option<int?>("--size")
        {
            Description = "chaos: how many runs (default: 200); store: mebibytes (default: 1024); "
                + "steptables: held-out noises (default: 256); gate: evaluations per cell (default: 2000)",
        };
        var device = new Option<string>("--device")
        {
            Description = "steps: auto, cpu, cuda or cuda:N", DefaultValueFactory = _ => "cpu",
        };
        var precision = new Option<Precision>("--precision") { Description = "steps: float32 or bfloat16" };
        var home = CommonOptions.Home();
        var command = new RootCommand("Measure, and print a table for docs/benchmarks.md")
        {
            name, json, size, device, precision, home,
        };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, async terminal =>
        {
            var wanted = parsed.GetRequiredValue(name);
            var kept = true;
            foreach (var (_, run) in Known.Where(benchmark => wanted == "all" || wanted == benchmark.Key))
            {
                var scale = new Scale(
                    parsed.GetRequiredValue(home), parsed.GetValue(size), parsed.GetRequiredValue(device),
                    parsed.GetValue(precision));
                var table = await run(scale, cancellationToken);
                terminal.Text.WriteLine(parsed.GetValue(json)
                    ? table.ToJson()
                    : table.ToMarkdown(DateOnly.FromDateTime(DateTime.Today)));
                kept &= table.Kept;
            }

            return kept ? ExitCodes.Success : ExitCodes.Failure;
        }, cancellationToken));
        return command;
    }

    private static BenchmarkTable StepTables(Scale scale, CancellationToken cancellationToken)
    {
        using var benchmark = new StepTablesBenchmark(scale.Size ?? HeldOutNoises, Progress());
        return benchmark.Run(cancellationToken);
    }

    private static Task<BenchmarkTable> ChaosAsync(Scale scale, CancellationToken cancellationToken) =>
        new ChaosBenchmark(scale.Home, scale.Size ?? ChaosRuns, seed: 1, Progress()).RunAsync(cancellationToken);

    private static Task<BenchmarkTable> StoreAsync(Scale scale, CancellationToken cancellationToken) =>
        new StoreBenchmark(
            scale.Home, Connections.From(Settings.Load()).Store, scale.Size ?? StoreMebibytes, Progress())
            .RunAsync(cancellationToken);

    // To standard error, so that standard output holds nothing but the table.
    private static IAnsiConsole Progress() => Terminal.For(Console.Error);

    /// <summary>Where a benchmark keeps its files, how much of it is wanted, and on which device.</summary>
    private sealed record Scale(DirectoryInfo Home, int? Size, string Device, Precision Precision);
}

using System.CommandLine;
using Mlops.Cli.Benchmarks;
using Mlops.Cli.Hosting;
using Spectre.Console;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops bench NAME</c>: the numbers of docs/benchmarks.md, anew.</summary>
public static class BenchCommand
{
    private static readonly Dictionary<string, Benchmark> Known = new()
    {
        ["step"] = (_, token) => Task.Run(() => StepBenchmark.Run(token), token),
        ["speedup"] = (_, token) => Task.Run(() => SpeedupBenchmark.Run(token), token),
        ["methods"] = MethodsAsync,
    };

    private delegate Task<BenchmarkTable> Benchmark(DirectoryInfo home, CancellationToken cancellationToken);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = $"{string.Join(", ", Known.Keys)}, or all" };
        name.AcceptOnlyFromAmong([.. Known.Keys, "all"]);
        var json = new Option<bool>("--json") { Description = "Print JSON instead of a table" };
        var home = CommonOptions.Home();
        var command = new Command("bench", "Measure, and print a table for docs/benchmarks.md") { name, json, home };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(async () =>
        {
            var wanted = parsed.GetRequiredValue(name);
            foreach (var (_, run) in Known.Where(benchmark => wanted == "all" || wanted == benchmark.Key))
            {
                var table = await run(parsed.GetRequiredValue(home), cancellationToken);
                Console.WriteLine(parsed.GetValue(json)
                    ? table.ToJson()
                    : table.ToMarkdown(DateOnly.FromDateTime(DateTime.Today)));
            }

            return ExitCodes.Success;
        }, cancellationToken));
        return command;
    }

    private static async Task<BenchmarkTable> MethodsAsync(DirectoryInfo home, CancellationToken cancellationToken)
    {
        await using var host = await EmbeddedHost.StartAsync(home, cancellationToken);
        // Progress goes to standard error, so that standard output holds nothing but the table.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await new MethodsBenchmark(host, console).RunAsync(cancellationToken);
    }
}

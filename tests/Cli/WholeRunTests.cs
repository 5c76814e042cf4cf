using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mlops.Tests.Support;

namespace Mlops.Tests.Cli;

/// <summary>All services in one process, from the command to the files, on a small budget of steps.</summary>
public sealed partial class WholeRunTests : IDisposable
{
    private static readonly string[] Small =
    [
        "--set", "model.steps=60", "--set", "model.batch-size=4", "--set", "model.checkpoint-every=5",
        "--set", "model.widths=[8,16]", "--set", "model.pictures=1",
        "--set", "scores.samples=4", "--set", "scores.stages=2", "--set", "scores.probes=2", "--set", "scores.steps=4",
        "--set", "schedule.stages=2", "--set", "schedule.generations=1",
        "--set", "schedule.probes=2", "--set", "schedule.steps=2", "--set", "tuned.steps=6",
        "--set", "tuned.probes=2", "--set", "tuned.probe-steps=4", "--set", "tuned.score-images=2",
        "--set", "evaluation.images=4", "--set", "evaluation.batch=4", "--set", "evaluation.steps=2",
        "--set", "evaluation.real-images=4", "--set", "evaluation.loss-images=4", "--set", "evaluation.pairs=2",
        "--set", "evaluation.timing-rounds=1", "--set", "evaluation.timing-batch=1",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void All_five_services_leave_a_model_a_report_and_a_record()
    {
        var (exitCode, output, errors) = MlopsProcess.Run(
            _folder.Path, [
                "run", "stagewise", "--data", "procedural", "--out", "results", .. Small, "--set", "table.steps=4",
                "--set", "table.probes=2", "--set", "table.signs=1", "--set", "table.check-probes=2",
                "--set", "evaluation.steps=4", "--macs", "0.5",
            ]);

        Assert.Equal("", errors);
        Assert.Equal(0, exitCode);
        Assert.Contains("run completed", output, StringComparison.Ordinal);
        foreach (var file in (string[])["model/unet/config.json", "model/README.md", "result.txt", "pairs.png",
            "report.html", "evaluation.json", "run.json"])
            Assert.True(File.Exists(_folder.File($"results/{file}")), file);
        Assert.Contains("\u2502 macs (MAC)", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_terminal_shows_a_bar_for_each_job_and_which_of_how_many_it_is()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "mlops.dll");
        string[] command = [.. ServerTests.Alter, "--home", _folder.File("home"), "--out", _folder.File("out")];
        // `script` gives the program a terminal of its own.
        using var terminal = Process.Start(new ProcessStartInfo(
            "script", ["-qec", $"dotnet {program} {string.Join(' ', command)}", "/dev/null"])
        {
            RedirectStandardOutput = true, Environment = { ["TERM"] = "xterm", ["COLUMNS"] = "200" },
        })!;
        var output = terminal.StandardOutput.ReadToEnd();
        terminal.WaitForExit();

        Assert.Equal(0, CommandLine.WithoutVerdict(terminal.ExitCode));
        foreach (var place in Enumerable.Range(1, 6))
            Assert.Contains($"job {place} of 6, done", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_is_not_there_is_refused_before_the_run_and_a_secret_that_is_not_needed_is_not_read()
    {
        var settings = new Dictionary<string, string>
        {
            ["MLOPS_DEVICE"] = "cuda:99", ["MLOPS_BROKER_PASSWORD_FILE"] = _folder.File("no-such-secret"),
        };
        using var run = MlopsProcess.Start(_folder.Path, settings, ["run", "magnitude"]);

        var (exitCode, output, errors) = run.Finish();

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith("mlops: MLOPS_DEVICE is 'cuda:99', but there is ", Assert.Single(errors.Split('\n')));
    }

    [Fact]
    public void A_killed_run_goes_on_and_ends_in_the_same_bytes()
    {
        // Progress is told every two seconds: the training must take longer on any machine.
        var request = (string[])["run", "alter", "--data", "procedural", .. Small, "--set", "model.steps=200"];
        var undisturbed = MlopsProcess.Run(
            _folder.Path, [.. request, "--home", "baseline", "--out", "baseline-results"]);
        using (var killed = MlopsProcess.Start(_folder.Path, request))
        {
            killed.WaitFor("of 200, loss");
            killed.Kill();
        }

        var run = RunId().Match(MlopsProcess.Run(_folder.Path, "status").Output).Value;
        var next = MlopsProcess.Run(_folder.Path, ["run", "magnitude"]);
        Assert.Equal(2, next.ExitCode);
        Assert.Contains($"run {run} (alter) was left unfinished here", next.Errors, StringComparison.Ordinal);
        var resumed = MlopsProcess.Run(_folder.Path, "resume", run, "--out", "results");

        Assert.Equal((0, 0), (undisturbed.ExitCode, resumed.ExitCode));
        Assert.Equal(Digest("baseline-results", "pruned"), Digest("results", "pruned"));
    }

    [Fact]
    public void An_interrupted_run_says_how_to_go_on_and_does()
    {
        string errors;
        using (var process = MlopsProcess.Start(
            _folder.Path, ["run", "alter", "--data", "procedural", .. Small, "--set", "model.steps=200"]))
        {
            process.WaitFor("of 200, loss");
            process.Interrupt();
            (var exitCode, _, errors) = process.Finish();
            Assert.Equal(130, exitCode);
        }

        var command = Assert.Single(errors.Split('\n'));
        Assert.Contains("mlops resume ", command, StringComparison.Ordinal);
        var resumed = MlopsProcess.Run(
            _folder.Path, "resume", command[(command.LastIndexOf(' ') + 1)..], "--out", "results");
        Assert.Equal(0, resumed.ExitCode);
        Assert.True(File.Exists(_folder.File("results/evaluation.json")));
    }

    private string? Digest(string results, string job)
    {
        using var record = JsonDocument.Parse(File.ReadAllText(_folder.File($"{results}/run.json")));
        return record.RootElement.GetProperty("jobs").EnumerateArray()
            .Single(each => each.GetProperty("jobId").GetString() == job)
            .GetProperty("output").GetProperty("sha256").GetString();
    }

    [GeneratedRegex("^[0-9a-f]{8}", RegexOptions.Multiline)]
    private static partial Regex RunId();
}

using System.Text.Json;
using Mlops.Cli.Hosting;
using Mlops.Diffusion.Images;
using Mlops.Tests.Support;

namespace Mlops.Tests.Cli;

/// <summary><c>mlops compare</c>, as its user types it.</summary>
public sealed class CompareTests : IDisposable
{
    private static readonly string[] Short =
    [
        "--images", "6", "--steps", "6", "--truth-steps", "6", "--set", "table.probes=2", "--set", "table.signs=1",
        "--set", "table.check-probes=2", "--set", "evaluation.timing-rounds=1", "--set", "evaluation.batch=6", "--set",
        "data.images=10", "--set", "data.steps=2",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Recipes_are_run_under_every_budget_and_finished_runs_compare_again()
    {
        var home = _folder.File("home");
        string[] command =
        [
            "compare", "--recipes", "forecast,fewer-steps", "--total-macs", "0.5,0.34", "--model", Fashion.Model,
            "--home", home, "--out", _folder.File("out"), .. Short,
        ];

        var compared = await CommandLine.RunAsync(command);
        var again = await CommandLine.RunAsync(command);

        Assert.Equal(("", 0), (compared.Errors, compared.ExitCode));
        Assert.Equal(("", 0), (again.Errors, again.ExitCode));
        Assert.Contains("4 of 4: fewer-steps at 0.34, seed 0", compared.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("done in", again.Output, StringComparison.Ordinal);
        using var data = JsonDocument.Parse(File.ReadAllText(_folder.File("out/comparison.json")));
        var rows = data.RootElement.GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal(
            [("forecast", 3.0), ("fewer-steps", 3.0), ("forecast", 2.0), ("fewer-steps", 2.0)],
            rows.Select(row => (row.GetProperty("name").GetString(), row.GetProperty("calls").GetDouble())));
        // The same sampler with as many steps is the dense sample itself.
        Assert.Equal(0, data.RootElement.GetProperty("denseToTruth").GetProperty("mean").GetDouble());
        Assert.All(rows, row => Assert.Equal(
            row.GetProperty("toDense").GetProperty("mean").GetDouble(),
            row.GetProperty("toTruth").GetProperty("mean").GetDouble()));
        Assert.Equal((1000, 880), ImageFile.Read(_folder.File("out/comparison.png")) is var plot
            ? (plot.Width, plot.Height) : default);
        Assert.Contains("<svg", File.ReadAllText(_folder.File("out/comparison.html")), StringComparison.Ordinal);

        string[] comparison =
            ["compare", .. RunsOf(rows[0]), .. RunsOf(rows[1]), "--home", home, "--out", _folder.File("finished")];
        var finished = await CommandLine.RunAsync(comparison);
        var json = await CommandLine.RunAsync([.. comparison, "--output", "json"]);

        Assert.Equal(("", 0), (finished.Errors, finished.ExitCode));
        Assert.Contains("fewer-steps", finished.Output, StringComparison.Ordinal);
        Assert.Equal(0, json.ExitCode);
        Assert.Contains("fewer-steps", json.Errors, StringComparison.Ordinal);
        Assert.Equal(2, JsonElement.Parse(json.Output).GetProperty("rows").GetArrayLength());
    }

    [Fact]
    public async Task What_cannot_be_compared_is_refused_before_any_work()
    {
        Directory.CreateDirectory(_folder.File("mine"));
        await File.WriteAllTextAsync(_folder.File("mine/notes.txt"), "mine");

        await Refused("total-macs 0.05 of 20 steps leaves 1", "--total-macs", "0.5,0.05");
        await Refused("'half' is no number", "--total-macs", "half");
        await Refused("unknown recipe 'lapdog'", "--recipes", "forecast,lapdog");
        await Refused("recipe 'train' evaluates nothing", "--recipes", "forecast,train");
        await Refused("unknown setting 'tuned.steps'; give seed, macs, or job.option", "--set", "tuned.steps=3");
        await Refused("needs a dense model", "--data", "procedural");
        await Refused("needs at least two runs", "--recipes", "");
        await Refused("needs at least two runs", "--recipes", "forecast", "--total-macs", "0.5");
        await Refused("--seeds 0 must be above 0", "--seeds", "0");
        await Refused("no comparison left there", "--out", _folder.File("mine"));
        await Refused("no run begins with 'abc'", "abc", "def");
    }

    private async Task Refused(string sentence, params string[] arguments)
    {
        var refused = await CommandLine.RunAsync(
            ["compare", "--home", _folder.File("home"), .. arguments]);

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(sentence, refused.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("of 10", refused.Output, StringComparison.Ordinal);
    }

    private static IEnumerable<string> RunsOf(JsonElement row) =>
        row.GetProperty("runs").EnumerateArray().Select(run => run.GetGuid().ToString("N"));
}

using System.Text.Json;
using Mlops.Cli.Hosting;
using Mlops.Tests.Support;

namespace Mlops.Tests.Cli;

/// <summary><c>--output json</c>: whatever a command finds is one JSON value on standard output, and nothing else is.
/// </summary>
public sealed class JsonOutputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_command_that_has_a_result_prints_it_as_json()
    {
        var ran = await JsonAsync([.. ServerTests.Alter, "--out", _folder.File("results")]);
        var run = ran.GetProperty("run").GetProperty("runId").GetGuid().ToString("N");
        Assert.Equal("Completed", ran.GetProperty("run").GetProperty("status").GetString());
        Assert.Equal(_folder.File("results"), ran.GetProperty("folder").GetString());

        Assert.Equal(
            "alter", (await JsonAsync("status"))[0].GetProperty("evaluation").GetProperty("method").GetString());
        Assert.Equal("alter", (await JsonAsync("status", run)).GetProperty("recipe").GetString());
        var shown = await JsonAsync("show", run);
        Assert.Equal("alter", shown.GetProperty("evaluation").GetProperty("method").GetString());
        Assert.StartsWith("Loss: ", shown.GetProperty("curves")[0].GetProperty("title").GetString());
        Assert.Equal("pruned", (await JsonAsync("why", run, "pruned")).GetProperty("jobId").GetString());
        Assert.NotEmpty((await JsonAsync("lineage", run)).GetProperty("inputs").EnumerateArray());
        Assert.Equal(
            run, (await JsonAsync("resume", run, "--out", _folder.File("results"))).GetProperty("run")
                .GetProperty("runId").GetGuid().ToString("N"));
        Assert.True(Directory.Exists((await JsonAsync(
            "export", run, "--format", "pruned", "--out", _folder.File("pruned"))).GetProperty("folder").GetString()));
        var model = _folder.File("results/model");
        Assert.NotEmpty((await JsonAsync(
            "evaluate", Fashion.Model, "--against", Fashion.Model, "--out", _folder.File("evaluated"), "--set",
            "images=2", "--set", "steps=2", "--set", "timing-rounds=0")).GetProperty("measurements").EnumerateArray());
        Assert.True(File.Exists((await JsonAsync(
            "sample", model, "--count", "1", "--steps", "1", "--out", _folder.File("grid.png")))
            .GetProperty("picture").GetString()));
        Assert.StartsWith(
            "sha256:", (await JsonAsync("push", "model", Fashion.Model)).GetProperty("reference")
                .GetString());
    }

    [Fact]
    public async Task What_needs_no_run_is_json_as_well_and_a_refusal_leaves_standard_output_empty()
    {
        Assert.Contains(
            "laptop",
            (await JsonAsync("recipes")).EnumerateArray().Select(each => each.GetProperty("name").GetString()));
        Assert.Equal("scores", (await JsonAsync("options", "laptop"))[0].GetProperty("jobId").GetString());
        Assert.Equal("nightly", (await JsonAsync(
            "schedule", "add", "nightly", "--cron", "30 2 * * *", "--recipe", "alter", "--data", "procedural"))
            .GetProperty("definition").GetProperty("name").GetString());
        Assert.Equal(1, (await JsonAsync("schedule", "list")).GetArrayLength());
        Assert.Equal(2, (await JsonAsync("schedule", "next", "nightly", "2")).GetArrayLength());
        Assert.Equal("started", (await JsonAsync("schedule", "run-now", "nightly")).GetProperty("status").GetString());

        var refused = await RunAsync("show", "abc");
        var unknown = await CommandLine.RunAsync("recipes", "--output", "yaml");

        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("no run begins with 'abc'", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("'yaml'", unknown.Errors, StringComparison.Ordinal);
    }

    private async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var said = await RunAsync(arguments);
        Assert.True(said.Ended == 0, $"{string.Join(' ', arguments)}: {said.Errors}");
        return JsonElement.Parse(said.Output);
    }

    private Task<CommandLine> RunAsync(params string[] arguments) => CommandLine.RunAsync(
    [
        .. arguments, "--output", "json",
        .. arguments[0] is "recipes" or "options" or "sample" ? [] : (string[])["--home", _folder.File("home")],
    ]);
}

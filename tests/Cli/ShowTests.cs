using Mlops.Cli.Display;
using Mlops.Tests.Support;

namespace Mlops.Tests.Cli;

/// <summary>What <c>status</c> and <c>show</c> say of runs that went well, failed, or judge nothing.</summary>
public sealed class ShowTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_finished_and_a_failed_run_are_told_with_verdict_and_reason()
    {
        var ran = await RunAsync([.. ServerTests.Alter, "--out", _folder.File("good")]);
        var broke = await RunAsync(
            [.. ServerTests.Alter, "--set", "evaluation.sampler=flow-euler", "--out", _folder.File("bad")]);
        var listed = (await RunAsync("status")).Output.Split('\n');

        Assert.Equal((0, 2), (ran.Ended, broke.Ended));
        Assert.Matches(@"^[0-9a-f]{8} +alter +failed +not judged +0\.\d+ +20\d\d-", listed[1]);
        Assert.Matches(@"^[0-9a-f]{8} +alter +completed +(pass|FAIL) +0\.\d+ +0\.\d+ +20\d\d-", listed[2]);
        Assert.Contains("job 'evaluation': ", listed[3], StringComparison.Ordinal);
        var failed = (await RunAsync("show", listed[1][..8])).Output.Split('\n');
        Assert.StartsWith("not judged: ", failed[0], StringComparison.Ordinal);
        var shown = await RunAsync("show", listed[2][..8]);
        Assert.Equal((0, ""), (shown.ExitCode, shown.Errors));
        Assert.Matches("^(pass|FAIL): alter keeps 0", shown.Output);
        Assert.Matches("(?m)^Loss: pruned/tuned, loss +[\u2581-\u2588]{2}  ", shown.Output);
        Assert.Matches(@"(?m)^tuned +\d+\.\d +\d+\.\d %", shown.Output);
    }

    [Fact]
    public void A_curve_is_drawn_from_its_lowest_to_its_highest_value_whatever_its_length()
    {
        Assert.Equal("_-#", Sparkline.Of([0, 1.5, 7], "_.-=+*%#"));
        Assert.Equal("____", Sparkline.Of([2, 2, 2, 2], "_.-=+*%#"));
        var line = Sparkline.Of([.. Enumerable.Range(0, 1000).Select(step => 1000.0 - step)], "_.-=+*%#");
        Assert.Equal((40, '#', '_'), (line.Length, line[0], line[^1]));
    }

    private Task<CommandLine> RunAsync(params string[] arguments) =>
        CommandLine.RunAsync([.. arguments, "--home", _folder.File("home")]);
}

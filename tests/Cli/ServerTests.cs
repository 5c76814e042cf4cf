using Mlops.Tests.Support;

namespace Mlops.Tests.Cli;

/// <summary>One process drives the runs, others ask it to over HTTP.</summary>
public sealed class ServerTests : IDisposable
{
    /// <summary>The arguments of a run that takes seconds.</summary>
    internal static readonly string[] Alter =
    [
        "run", "alter", "--data", "procedural", "--set", "model.steps=4", "--set", "model.batch-size=2",
        "--set", "scores.samples=2", "--set", "scores.stages=2", "--set", "scores.probes=2", "--set", "scores.steps=2",
        "--set", "model.pictures=1", "--set", "tuned.steps=2", "--set", "tuned.batch-size=2",
        "--set", "tuned.score-images=2", "--set", "tuned.probes=2", "--set", "tuned.probe-steps=2",
        "--set", "evaluation.images=2", "--set", "evaluation.batch=2",
        "--set", "evaluation.steps=2", "--set", "evaluation.real-images=0", "--set", "evaluation.loss-images=2",
        "--set", "evaluation.pairs=2", "--set", "evaluation.timing-rounds=0",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly MlopsProcess _server;
    private readonly string[] _at;

    public ServerTests()
    {
        _server = MlopsProcess.Start(_folder.Path, "serve");
        _at = ["--server", _server.WaitFor("Listening on ").Split(' ')[^1]];
    }

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_run_at_a_server_is_shown_here_and_leaves_its_results_here()
    {
        var (exitCode, output, errors) = Run([.. Alter, "--out", "results"]);

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("tuned          0%  started, job 4 of 6", output, StringComparison.Ordinal);
        Assert.Contains("tuned        100%", output, StringComparison.Ordinal);
        Assert.Contains("run completed", output, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.File("results/model/model_index.json")));
        Assert.Matches(@"alter +completed +(pass|FAIL) +0\.\d+ +0\.\d+ ", Run("status").Output);
    }

    [Fact]
    public void A_run_that_nobody_watches_is_cancelled_by_the_beginning_of_its_id()
    {
        var run = Run("run", "alter", "--data", "procedural", "--detach").Output.Trim();

        var cancelled = Run("cancel", run[..6]);
        var again = Run("cancel", run);
        _server.Interrupt();

        Assert.Equal((0, $"cancelled: {run}"), (cancelled.ExitCode, cancelled.Output.Trim()));
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("there is nothing to cancel", again.Errors, StringComparison.Ordinal);
        Assert.Equal(0, _server.Finish().ExitCode);
    }

    [Fact]
    public void An_interrupt_here_cancels_the_run_there_and_says_how_to_go_on()
    {
        using var process = MlopsProcess.Start(_folder.Path, ["run", "alter", "--data", "procedural", .. _at]);
        process.WaitFor("started: alter");
        process.Interrupt();
        var (exitCode, _, errors) = process.Finish();

        Assert.Equal(130, exitCode);
        Assert.Contains("mlops resume ", errors, StringComparison.Ordinal);
        Assert.Matches("alter +cancelled +not judged ", Run("status").Output);
    }

    [Fact]
    public void What_the_server_refuses_is_said_in_one_sentence()
    {
        var (exitCode, _, errors) = Run("run", "no-such");

        Assert.Equal(2, exitCode);
        var sentence = Assert.Single(errors.Split('\n'));
        Assert.StartsWith("mlops: unknown recipe 'no-such'", sentence, StringComparison.Ordinal);
    }

    private (int ExitCode, string Output, string Errors) Run(params string[] arguments) =>
        MlopsProcess.Run(_folder.Path, [.. arguments, .. _at]);
}

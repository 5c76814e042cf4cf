using Mlops.Cli.Hosting;
using Mlops.Contracts.Evaluations;
using Mlops.Diffusion.Models;
using Mlops.Tests.Support;

namespace Mlops.Tests.Cli;

/// <summary>The folder that a run leaves its results in, used more than once.</summary>
public sealed class ResultsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_recipe_names_its_jobs_as_it_likes()
    {
        await File.WriteAllTextAsync(_folder.File("mine.yaml"), """
            name: mine
            description: "Jobs of other names."
            seed: 0
            macs: 0.65
            jobs:
              - { id: ranks, job: score-importance, uses: { model: model }, with: { method: magnitude } }
              - { id: smaller, job: export-sparse, uses: { model: model, scores: ranks }, with: { macs: $macs } }
              - id: check
                job: evaluate
                uses: { model: model, pruned: smaller, data: data }
                with: { images: 4, steps: 2, real-images: 0, loss-images: 4, pairs: 2, timing-rounds: 0, min-ssim: 1 }
            """);

        var run = await RunAsync(
            "run", _folder.File("mine.yaml"), "--model", Fashion.Model, "--set", "data.images=10", "--set",
            "data.steps=2");

        Assert.Equal(("", 3), (run.Errors, run.ExitCode));
        Assert.False(EvaluationReport.Load(_folder.File("out")).Verdict.Passed);
        Assert.NotNull(ModelFolder.Scheduler(_folder.File("out/model")));
    }

    [Fact]
    public async Task Nothing_of_an_earlier_run_stays_beside_the_next_and_other_files_do()
    {
        var pruned = await RunAsync(
            ["run", "magnitude", "--model", Fashion.Model, .. ShortRuns.For("magnitude", "data")]);
        await File.WriteAllTextAsync(_folder.File("out/notes.txt"), "mine");

        var trained = await RunAsync(
            "train", "--data", "procedural", "--steps", "2", "--batch-size", "2", "--widths", "8,16");

        Assert.Equal((0, 0), (pruned.Ended, trained.ExitCode));
        Assert.Equal(
            ["model", "notes.txt", "run.json"],
            Directory.EnumerateFileSystemEntries(_folder.File("out")).Select(Path.GetFileName).Order());
        Assert.False(Directory.Exists(_folder.File("out/model/unet")));
    }

    [Theory]
    [InlineData("no run left there", "resume", "abc")]
    [InlineData("no evaluation left there", "evaluate", "model", "--against", "dense")]
    public async Task A_folder_of_other_files_is_refused_before_any_work(string sentence, params string[] command)
    {
        Directory.CreateDirectory(_folder.File("out"));
        await File.WriteAllTextAsync(_folder.File("out/thesis.txt"), "years of work");

        var refused = await RunAsync(command);

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(sentence, refused.Errors, StringComparison.Ordinal);
    }

    private Task<CommandLine> RunAsync(params string[] command) => CommandLine.RunAsync(
        [.. command, "--home", _folder.File("home"), "--out", _folder.File("out")]);
}

using System.Collections.Concurrent;
using Mlops.Contracts.Evaluations;
using Mlops.Diffusion.Models;
using Mlops.Orchestrator.Recipes;
using Mlops.Pruning.Plans;
using Mlops.Tests.Pruning;
using Mlops.Tests.Support;

namespace Mlops.Tests.Cli;

/// <summary>What a run leaves, given back as <c>--model</c>: its plan counts in all that follows.</summary>
public sealed class PrunedAgainTests(PrunedAgainTests.FirstRuns first) : IClassFixture<PrunedAgainTests.FirstRuns>,
    IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("laptop", "forecast")]
    [InlineData("laptop", "laptop")]
    [InlineData("laptop", "magnitude")]
    [InlineData("laptop", "diff-es")]
    [InlineData("laptop", "alter")]
    [InlineData("laptop", "entpruner")]
    [InlineData("laptop", "forecast-laptop")]
    [InlineData("magnitude", "magnitude")]
    [InlineData("magnitude", "laptop")]
    [InlineData("magnitude", "stage-laptop")]
    [InlineData("diff-es", "laptop")]
    [InlineData("diff-es", "stage-laptop")]
    [InlineData("diff-es", "magnitude")]
    [InlineData("diff-es", "diff-pruning")]
    [InlineData("diff-es", "forecast")]
    [InlineData("diff-es", "tors")]
    [InlineData("diff-es", "fora")]
    [InlineData("diff-es", "teacache")]
    [InlineData("diff-es", "random-steps")]
    [InlineData("tors", "stage-laptop")]
    [InlineData("diff-es", "forecast-laptop")]
    [InlineData("forecast", "laptop")]
    [InlineData("forecast", "stage-laptop")]
    [InlineData("forecast", "magnitude")]
    [InlineData("obs-diff", "obs-diff", true)]
    [InlineData("obs-diff", "forecast", true)]
    [InlineData("laptop", "wanda", true)]
    [InlineData("diff-es", "obs-diff", true)]
    public async Task A_recipe_goes_on_from_what_another_one_left(
        string before, string recipe, bool transformer = false)
    {
        var given = await first.OfAsync(before, transformer);

        var run = await first.RunAsync(recipe, Path.Combine(given, "model"), _folder.File("results"));

        Assert.Equal(("", 0), (run.Errors, run.Ended));
        Assert.Contains("is pruned already (", run.Output, StringComparison.Ordinal);
        var (once, twice) = (EvaluationReport.Load(given), EvaluationReport.Load(_folder.File("results")));
        Assert.Equal(once["macs"].Pruned, twice["macs"].Dense!.Value, once["macs"].Pruned * 1e-9);
        Assert.Equal(once["parameters"].Pruned, twice["parameters"].Dense);
        Assert.Contains(twice.Notes!, note => note.Contains("is the model that was given, which is pruned already"));
        var makesTable = new RecipeBook().Find(recipe).Jobs.Any(job => job.Id == "table");
        Assert.InRange(
            twice[makesTable ? "total_macs" : "macs"].Ratio!.Value, 0.05, makesTable ? 0.5 : FirstRuns.Macs);
        var (plan, whole) = (Plan(given), Plan(_folder.Path + "/results"));
        for (var t = 0; t < plan.Timesteps; t++)
            Assert.Subset(
                whole.Variants[whole.VariantAt(t)].Skip.ToHashSet(), plan.Variants[plan.VariantAt(t)].Skip.ToHashSet());
        Assert.Equal(makesTable || plan.Steps is not null, whole.Steps is not null);
        Assert.Equal(plan.Steps?.Runs ?? whole.Steps?.Runs, whole.Steps?.Runs);
    }

    [Theory]
    [InlineData("laptop", "forecast")]
    [InlineData("diff-es", "magnitude")]
    public async Task What_was_pruned_twice_is_drawn_measured_and_exported(string before, string recipe)
    {
        var given = await first.OfAsync(before, transformer: false);
        await first.RunAsync(recipe, Path.Combine(given, "model"), _folder.File("results"));
        var model = _folder.File("results/model");
        string[] home = ["--home", _folder.File("home")];

        foreach (var against in (string[])[first.Dense, Path.Combine(given, "model")])
        {
            var picture = _folder.File(Path.GetFileName(against) + ".png");
            var drawn = await CommandLine.RunAsync(
                "sample", model, "--against", against, "--count", "2", "--out", picture);
            Assert.Equal(("", 0), (drawn.Errors, drawn.ExitCode));
        }

        var measured = await CommandLine.RunAsync(
            ["evaluate", model, "--against", first.Dense, "--out", _folder.File("measured"), .. home,
                "--set", "images=4", "--set", "timing-rounds=0"]);
        var onnx = await CommandLine.RunAsync(
            ["export", model, "--format", "onnx", "--out", _folder.File("onnx"), .. home]);

        Assert.Equal(("", 0), (measured.Errors, measured.Ended));
        var (once, twice, all) = (EvaluationReport.Load(given), EvaluationReport.Load(_folder.File("results")),
            EvaluationReport.Load(_folder.File("measured")));
        Assert.Equal(once["macs"].Dense, all["macs"].Dense);
        Assert.Equal(twice["macs"].Pruned, all["macs"].Pruned);
        Assert.DoesNotContain(all.Notes!, note => note.Contains("the model that was given"));
        Assert.Equal(("", 0), (onnx.Errors, onnx.ExitCode));
        Assert.Contains("was pruned already, to", await File.ReadAllTextAsync(_folder.File("onnx/README.md")));
    }

    [Theory]
    [InlineData("forecast", "taylorseer", "has a step table already (ddim, 3 of 6 steps run)")]
    [InlineData("forecast", "forecast-laptop", "has a step table already")]
    [InlineData("diff-es", "diff-es", "the budget of diff-es is one of layers that run at every timestep")]
    [InlineData("diff-es", "stagewise", "the budget of alter is one of")]
    [InlineData("obs-diff", "mosaicdiff-width", "a choice of heads and neurons per stage is made for a dense", true)]
    [InlineData("diff-es", "entpruner", "the budget of entpruner is one of")]
    [InlineData("laptop", "deepcache", "a table that carries on layers is made for a dense model")]
    [InlineData("fora-layers", "laptop", "carries on layers from one step to the next")]
    [InlineData("obs-diff", "diff-es-width", "a choice of heads and neurons per stage is made for a dense", true)]
    public async Task What_cannot_go_on_is_refused_in_a_sentence_before_any_work(
        string before, string recipe, string sentence, bool transformer = false)
    {
        var model = Path.Combine(await first.OfAsync(before, transformer), "model");

        var run = await first.RunAsync(recipe, model, _folder.File("results"));
        var compared = await CommandLine.RunAsync(
            "compare", "--recipes", recipe, "--model", model, "--data", "procedural", "--out", _folder.File("results"),
            "--home", _folder.File("home"), "--truth-steps", "6");

        foreach (var refused in (CommandLine[])[run, compared])
        {
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains(sentence, Assert.Single(refused.Errors.Split('\n')), StringComparison.Ordinal);
            Assert.DoesNotContain("run ", refused.Output, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(_folder.File("results")));
    }

    [Fact]
    public async Task A_schedule_may_prune_again_with_another_seed_every_time()
    {
        var model = Path.Combine(await first.OfAsync("laptop", transformer: false), "model");

        var added = await CommandLine.RunAsync(
            "schedule", "add", "again", "--cron", "30 2 * * *", "--recipe", "forecast", "--model", model, "--data",
            "procedural", "--seed", "per-run", "--home", _folder.File("home"));

        Assert.Equal(("", 0), (added.Errors, added.ExitCode));
        Assert.Contains("again: first at ", added.Output, StringComparison.Ordinal);
    }

    private static PruningPlan Plan(string results) => PrunedModel.PlanIn(Path.Combine(results, "model"))!;

    /// <summary>The first run of every recipe, once for all tests.</summary>
    public sealed class FirstRuns : IDisposable
    {
        /// <summary>Kept ratio of the first run, and of the second again.</summary>
        public const double Macs = 0.8;

        private readonly ConcurrentDictionary<(string, bool), Lazy<Task<string>>> _runs = [];
        private readonly TemporaryFolder _folder = new();

        /// <summary>The dense UNet.</summary>
        public string Dense => ModelOf(transformer: false);

        /// <summary>The results of a recipe on a dense model.</summary>
        public Task<string> OfAsync(string recipe, bool transformer) => _runs.GetOrAdd((recipe, transformer), _ => new(
            async () =>
            {
                var results = _folder.File($"{recipe}-{transformer}");
                var run = await RunAsync(recipe, ModelOf(transformer), results);
                Assert.Equal(("", 0), (run.Errors, run.Ended));
                return results;
            })).Value;

        /// <summary>A short run whose result is in the format pruned.</summary>
        internal Task<CommandLine> RunAsync(string recipe, string model, string results) => CommandLine.RunAsync(
        [
            "run", recipe, "--model", model, "--data", "procedural", "--home", results + "-home", "--out", results,
            .. new RecipeBook().Find(recipe).Jobs.Any(job => job.Id == "table")
                ? (string[])[] : ["--macs", FormattableString.Invariant($"{Macs}")],
            .. ShortRuns.For(recipe), "--set", "pruned.format=pruned",
        ]);

        public void Dispose() => _folder.Dispose();

        private string ModelOf(bool transformer)
        {
            var folder = _folder.File(transformer ? "dit" : "unet");
            if (Directory.Exists(folder))
                return folder;
            using var model = transformer ? SomeNetwork.DiT32() : SomeNetwork.UNet32();
            ModelFolder.Save(folder, model, SomeNetwork.Scheduler);
            return folder;
        }
    }
}

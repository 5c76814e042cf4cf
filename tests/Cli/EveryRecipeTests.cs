using Mlops.Cli.Hosting;
using Mlops.Diffusion.Models;
using Mlops.Contracts.Evaluations;
using Mlops.Orchestrator.Recipes;
using Mlops.Tests.Diffusion.Models;
using Mlops.Tests.Pruning;
using Mlops.Tests.Support;

namespace Mlops.Tests.Cli;

/// <summary>Every named recipe runs whole and gives a result, with its own options but for lengths.</summary>
public sealed class EveryRecipeTests : IDisposable
{
    private static readonly string[] ForTransformers = ["diff-es-width", "mosaicdiff-width", "obs-diff", "wanda"];

    // What a report says of a choice that the run made, and of which recipes.
    private static readonly Dictionary<string, string[]> Said = new()
    {
        ["the solver search took "] = ["solver-search"],
        ["the step table calls the smaller network "] = ["forecast-laptop", "stagewise"],
        ["samples of the tuned network are "] = ["alter", "stagewise"],
    };

    private readonly TemporaryFolder _folder = new();

    public static IEnumerable<object[]> Runs =>
        from recipe in new RecipeBook().All
        from model in (string[])["unet", "dit"]
        where recipe.Jobs.All(job => job.Id != "model")
        where model == "dit" || !ForTransformers.Contains(recipe.Name)
        select new object[] { recipe.Name, model };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task A_recipe_runs_whole_on_a_model_without_data(string recipe, string model)
    {
        var run = await CommandLine.RunAsync(
            [
                "run", recipe, "--model", model == "unet" ? Fashion.Model : SmallTransformer(), "--home",
                _folder.File("home"), "--out", _folder.File("results"), .. ShortRuns.For(recipe, "data"),
            ]);

        Assert.Equal("", run.Errors);
        Assert.Equal(0, run.Ended);
        var report = EvaluationReport.Load(_folder.File("results"));
        var makesTable = new RecipeBook().Find(recipe).Jobs.Any(job => job.Id == "table");
        var budget = makesTable ? "total_macs" : "macs";
        // An untrained network answers zero, which any run predicts: these three take the cheapest then.
        var least = recipe switch { "teacache" or "dbcache" => 0.1, "forecast-laptop" => 0.05, _ => 0.3 };
        Assert.InRange(report.Measurements.Single(number => number.Name == budget).Ratio!.Value, least, 0.66);
        Assert.True(File.Exists(_folder.File("results/model/model_index.json")));
        foreach (var (said, recipes) in Said)
        {
            Assert.Equal(recipes.Contains(recipe), report.Notes!.Any(note => note.Contains(said)));
            Assert.Equal(recipes.Contains(recipe), run.Output.Contains(said, StringComparison.Ordinal));
        }

        // From a schedule they may be, in so few steps; from nothing they must.
        if (recipe == "alter-from-dense")
            Assert.Contains(report.Notes!, note => note.StartsWith("the masks were frozen undecided"));
    }

    /// <summary>Layers, channels, and the logarithm of time, which the published networks take.</summary>
    [Theory]
    [InlineData("laptop", "positional", SomeNetwork.Scheduler)]
    [InlineData("magnitude", "positional", SomeNetwork.Scheduler)]
    [InlineData("alter", "fourier", """{"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 1.0}""")]
    public async Task A_network_of_skip_blocks_runs_whole(string recipe, string time, string scheduler)
    {
        var config = SomeModels.SkipUNet.With("time_embedding_type", time).With("sample_size", 32)
            .With("layers_per_block", 1);
        using (var network = SomeNetwork.Of(config))
            ModelFolder.Save(_folder.File("skips"), network, scheduler);

        var run = await CommandLine.RunAsync(
            [
                "run", recipe, "--model", _folder.File("skips"), "--data", "procedural", "--home",
                _folder.File("home"), "--out", _folder.File("results"), .. ShortRuns.For(recipe),
            ]);

        Assert.Equal(("", 0), (run.Errors, run.Ended));
        Assert.InRange(EvaluationReport.Load(_folder.File("results")).Measurements
            .Single(number => number.Name == "macs").Ratio!.Value, 0.3, 0.7);
    }

    [Fact]
    public async Task A_model_is_trained_on_data_and_can_be_pruned_then()
    {
        var trained = await CommandLine.RunAsync(
            "train", "--data", "procedural", "--steps", "6", "--batch-size", "4", "--widths", "8,16", "--home",
            _folder.File("home"), "--out", _folder.File("trained"));
        var pruned = await CommandLine.RunAsync(
            [
                "run", "magnitude", "--model", _folder.File("trained/model"), "--data", "procedural", "--home",
                _folder.File("home"), "--out", _folder.File("results"), .. ShortRuns.For("magnitude"),
            ]);

        Assert.Equal(("", 0), (trained.Errors, trained.ExitCode));
        Assert.Equal(("", 0), (pruned.Errors, pruned.Ended));
        Assert.True(File.Exists(_folder.File("trained/model/samples.png")));
    }

    [Fact]
    public async Task A_transformer_is_trained_on_data_and_can_lose_heads_then()
    {
        var trained = await CommandLine.RunAsync(
            "train", "--data", "procedural", "--steps", "6", "--batch-size", "4", "--set", "architecture=dit", "--set",
            "blocks=3", "--home", _folder.File("home"), "--out", _folder.File("trained"));
        var pruned = await CommandLine.RunAsync(
            [
                "run", "obs-diff", "--model", _folder.File("trained/model"), "--data", "procedural", "--home",
                _folder.File("home"), "--out", _folder.File("results"), .. ShortRuns.For("obs-diff"),
            ]);

        Assert.Equal(("", 0), (trained.Errors, trained.ExitCode));
        Assert.Equal(("", 0), (pruned.Errors, pruned.Ended));
    }

    [Theory]
    [InlineData("obs-diff", "prune a DiT this way, and a UNet with magnitude or diff-pruning")]
    [InlineData("diff-es-width", "prune a DiT this way, and a UNet with magnitude or diff-pruning")]
    [InlineData("wanda", "prune a DiT this way, and a UNet with magnitude or diff-pruning")]
    public async Task Heads_and_neurons_of_a_model_that_has_none_are_refused_in_a_sentence(
        string recipe, string sentence)
    {
        var run = await CommandLine.RunAsync(
            [
                "run", recipe, "--model", Fashion.Model, "--home", _folder.File("home"), "--out",
                _folder.File("results"), .. ShortRuns.For(recipe, "data"),
            ]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(sentence, run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("run ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_with_data_alone_trains_its_model_first()
    {
        var run = await CommandLine.RunAsync(
            [
                "run", "alter", "--data", "procedural", "--home", _folder.File("home"), "--out",
                _folder.File("results"), .. ShortRuns.For("alter", "model"),
            ]);

        Assert.Equal(("", 0), (run.Errors, run.Ended));
        Assert.Contains("model        100%  done", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_states_no_size_takes_that_of_the_images()
    {
        using (var model = SomeNetwork.UNet32())
            ModelFolder.Save(_folder.File("model"), model, SomeNetwork.Scheduler);
        var config = _folder.File("model/config.json");
        ModelConfig.Read(config).With("sample_size", null).Write(config);
        string[] request =
        [
            "run", "magnitude", "--model", _folder.File("model"), "--home", _folder.File("home"), "--out",
            _folder.File("results"), .. ShortRuns.For("magnitude"),
        ];

        var sized = await CommandLine.RunAsync([.. request, "--data", "procedural"]);
        var refused = await CommandLine.RunAsync(request);

        Assert.Equal(("", 0), (sized.Errors, sized.Ended));
        Assert.Contains("taking the images' 32 pixels", sized.Output, StringComparison.Ordinal);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("states no sample_size; give --data", refused.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1", 0)]
    [InlineData("1", 3)]
    public async Task The_exit_code_says_whether_the_verdict_is_a_pass(string least, int exitCode)
    {
        var run = await CommandLine.RunAsync(
            [
                "run", "forecast", "--model", Fashion.Model, "--home", _folder.File("home"), "--out",
                _folder.File("results"), .. ShortRuns.For("forecast", "data"), "--set", "evaluation.timing-rounds=0",
                "--set", $"evaluation.min-ssim={least}",
            ]);

        Assert.Equal(("", exitCode), (run.Errors, run.ExitCode));
        Assert.Equal(exitCode == 0, EvaluationReport.Load(_folder.File("results")).Verdict.Passed);
    }

    private string SmallTransformer()
    {
        using var model = ModelFamily.Create(ModelConfig.Parse("""
            {
              "_class_name": "DiTTransformer2DModel",
              "sample_size": 8, "in_channels": 4, "out_channels": 8, "patch_size": 2, "num_layers": 6,
              "num_attention_heads": 4, "attention_head_dim": 16, "num_embeds_ada_norm": 10
            }
            """, "the small transformer"), seed: 1);
        var folder = _folder.File("dit");
        ModelFolder.Save(folder, model, """
            {"_class_name": "DDIMScheduler", "beta_schedule": "linear", "num_train_timesteps": 1000}
            """);
        return folder;
    }
}

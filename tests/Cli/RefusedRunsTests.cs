using Mlops.Diffusion.Models;
using Mlops.Pruning.Plans;
using Mlops.Tests.Pruning;
using Mlops.Tests.Support;

namespace Mlops.Tests.Cli;

/// <summary>What a later job of a run would refuse is refused before its first one, in one sentence.</summary>
public sealed class RefusedRunsTests(RefusedRunsTests.Models models) : IClassFixture<RefusedRunsTests.Models>,
    IDisposable
{
    private const string Fashion = "fashion", Unlabeled = "unlabeled", Transformer = "dit", Bare = "bare";

    private static readonly string[] Procedural = ["--data", "procedural"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("laptop --macs 0.05", "job 'sliced': macs 0.05 cannot be reached: dropping all")]
    [InlineData("laptop-untrained --macs 0.05", "job 'pruned': macs 0.05 cannot be reached: dropping all")]
    [InlineData("magnitude --macs 0.0101", "job 'sliced': macs 0.01 cannot be reached by pruning channels")]
    [InlineData("diff-es --macs 0.05", "job 'schedule': a kept ratio of 0.05 MACs is out of reach")]
    [InlineData("mosaicdiff --macs 0.05", "job 'schedule': macs 0.05 cannot be reached: with all gone that may go")]
    [InlineData("alter-from-dense --macs 0.05", "job 'tuned': macs = 0.05 cannot be reached: with every gateable")]
    [InlineData("entpruner --macs 0.05", "job 'tuned': macs = 0.05 cannot be reached: with every gateable")]
    [InlineData("stage-laptop --set scores.method=output-loss --macs 0.05", "job 'schedule': macs 0.05 cannot be")]
    [InlineData("stagewise --set schedule.macs=0.05", "job 'schedule': macs 0.05 cannot be reached: dropping all")]
    [InlineData("taylorseer-layers --macs 0.25", "job 'table': total-macs 0.25 cannot be kept, because what runs at")]
    [InlineData("dbcache --macs 0.2", "job 'table': total-macs 0.2 cannot be kept, because what runs at")]
    [InlineData("forecast --macs 0.03 --set table.steps=100", "job 'table': with 3 runs of 100 steps some gap is lo")]
    [InlineData("forecast --set evaluation.guidance=2.5", "job 'evaluation': the step table is for ddim with 20 steps")]
    [InlineData("forecast --set evaluation.steps=10", "job 'evaluation': the step table is for ddim with 20 steps")]
    [InlineData("dpm-fewer-steps --set evaluation.sampler=euler", "job 'evaluation': the step table is for dpm-solver")]
    [InlineData("stagewise --set table.steps=150", "job 'table': a choice between networks takes one of the roles")]
    [InlineData("forecast-laptop --set table.steps=150", "job 'table': a choice between networks takes one of the ro")]
    [InlineData("stagewise --set table.grid=tors --set table.use-clipped-model-output=false", "puts ddim on timesteps")]
    [InlineData("solver-search --set table.use-clipped-model-output=false", "job 'table': the grid puts ddim on time")]
    [InlineData("fora --set table.sampler=flow-euler", "job 'table': sampler 'flow-euler' does not fit")]
    [InlineData("mosaicdiff --set scores.peak-share=0.4", "job 'schedule': the scores are of stages from 0,")]
    [InlineData("diff-es --set scores.stages=30", "job 'schedule': 20 sampler steps reach 20 of 30 stages")]
    [InlineData("diff-es --set schedule.stages=7", "job 'schedule': option 'stages' is 7, but 5 stages were scored")]
    [InlineData("stage-laptop --set scores.stages=50", "job 'scores': 20 sampler steps reach 20 of 50 stages")]
    [InlineData("stage-laptop --set scores.method=output-loss --set scores.stages=50", "the schedule has 50 stages")]
    [InlineData("mosaicdiff --set evaluation.steps=2", "job 'evaluation': the schedule has 3 stages, but")]
    [InlineData("alter --set tuned.experts=2", "job 'tuned': option 'experts' is 2, but the schedule that ALTER sta")]
    [InlineData("alter --set tuned.window-steps=400", "option 'window-steps' is 400, but there are 330 steps")]
    [InlineData("diff-es --set schedule.quantum=0.9", "job 'schedule': a quantum of 0.9 of the MACs is more than all")]
    [InlineData("diff-es --set schedule.budget=levels --set schedule.quantum=0.1", "option 'quantum' is 0.1, but a le")]
    [InlineData("diff-es --set schedule.budget=levels --set schedule.level=99", "option 'level' is 99, but a stage h")]
    [InlineData("obs-diff", "job 'scores': the channels of ")]
    [InlineData("wanda", "job 'scores': the channels of ")]
    [InlineData("diff-es-width", "job 'scores': the channels of ")]
    [InlineData("diff-es-width --set scores.method=magnitude", "job 'schedule': heads and neurons are searched per st")]
    [InlineData("obs-diff --set scores.stages=2", "job 'pruned': the scores of obs are of 2 stages", Transformer)]
    [InlineData("obs-diff --set scores.damping=0 --set scores.samples=1 --set scores.steps=1", "Hessian", Transformer)]
    [InlineData("diff-es --set schedule.guidance=3", "the schedule is searched with guidance 3, but the", Transformer)]
    [InlineData("alter --set tuned.guidance=2", "job 'tuned': guidance 2 needs a model with a label", Unlabeled)]
    [InlineData("stagewise --set table.guidance=2", "job 'table': guidance 2 needs a model with a label", Unlabeled)]
    [InlineData("laptop --set evaluation.guidance=2", "job 'evaluation': guidance 2 needs a model with a", Unlabeled)]
    [InlineData("stage-laptop --set scores.stages=21", "job 'scores': 21 stages do not fit the 20", Unlabeled)]
    [InlineData("diff-es-width --set schedule.budget=levels --set schedule.level=99", "'level' is 99", Transformer)]
    [InlineData("diff-es-width --macs 0.05", "cannot be reached by pruning channels", Transformer)]
    [InlineData("diff-es-width --set scores.macs=0.9 --set schedule.macs=0.05", "0.05 MACs is out of re", Transformer)]
    [InlineData("obs-diff --set pruned.ratio=0.9", "job 'pruned': ratio 0.9 would remove all 4 heads", Transformer)]
    [InlineData("laptop", "job 'scores': the model has no gateable layer", Bare)]
    [InlineData("alter-from-dense", "job 'tuned': the model has no gateable layer", Bare)]
    public async Task A_run_is_refused_before_its_first_job(string run, string sentence, string model = Fashion) =>
        await Refused(sentence, ["run", .. Words(run, model)]);

    [Theory]
    [InlineData("--recipes forecast,taylorseer-layers --total-macs 0.5,0.35,0.25", "'taylorseer-layers', job 'table'")]
    [InlineData("--recipes fora,deepcache --total-macs 0.5,0.1", "recipe 'deepcache', job 'table': total-macs 0.1 can")]
    [InlineData("--recipes fora,forecast --steps 100 --total-macs 0.5,0.03", "recipe 'forecast', job 'table': with 3")]
    [InlineData("--recipes forecast,stagewise --steps 150", "recipe 'stagewise', job 'table': a choice between")]
    [InlineData("--recipes forecast,fora --set table.steps=50", "job 'evaluation': the step table is for ddim with 50")]
    [InlineData("--recipes forecast,laptop --guidance 2.5", "job 'truth': guidance 2.5 needs a model", Unlabeled)]
    [InlineData("--recipes laptop,diff-es --total-macs 0.65,0.05", "recipe 'laptop', job 'sliced': macs 0.05 cannot")]
    public async Task A_comparison_is_refused_before_its_first_run(
        string comparison, string sentence, string model = Fashion) =>
        await Refused(sentence, ["compare", .. Words(comparison, model)]);

    [Theory]
    [InlineData("run", "forecast", "recipe 'forecast', job 'evaluation'")]
    [InlineData("run", "laptop", "recipe 'laptop', job 'scores'")]
    [InlineData("run", "stagewise --set tuned.steps=1", "recipe 'stagewise', job 'scores'")]
    [InlineData("compare|--recipes", "fora,forecast", "recipe 'fora', job 'evaluation'")]
    [InlineData("schedule|add|nightly|--cron|1 2 * * *|--recipe", "forecast", "recipe 'forecast', job 'evaluation'")]
    public async Task Images_that_the_model_does_not_make_are_refused_before_the_first_job(
        string command, string recipe, string job) =>
        await Refused(
            $"{job}: the images are 3 x 32 x 32, but the model makes 1 x 28 x 28; give the data that it was trained",
            [.. command.Split('|'), .. Words(recipe, Fashion), .. Procedural]);

    [Fact]
    public async Task Classes_that_the_model_does_not_know_are_refused_before_the_first_job()
    {
        using var fewer = SomeNetwork.Of(SomeNetwork.DiT32().Config.With("num_embeds_ada_norm", 3));
        ModelFolder.Save(_folder.File("fewer"), fewer, SomeNetwork.Scheduler);

        await Refused(
            "job 'scores': the data has 10 classes, but the model knows 3; give the data that it was trained on",
            ["run", "obs-diff", "--model", _folder.File("fewer"), .. Procedural]);
    }

    [Fact]
    public async Task A_schedule_is_refused_whose_runs_would_be()
    {
        await Refused(
            "recipe 'laptop', job 'sliced': macs 0.05 cannot be reached",
            ["schedule", "add", "nightly", "--cron", "1 2 * * *", "--recipe", .. Words("laptop --macs 0.05", Fashion)]);

        var listed = await CommandLine.RunAsync("schedule", "list", "--home", _folder.File("home"));
        Assert.DoesNotContain("nightly", listed.Output, StringComparison.Ordinal);
    }

    private string[] Words(string words, string model) =>
        [.. words.Split(' '), "--model", models.Of(model), .. model == Fashion ? (string[])[] : Procedural];

    private async Task Refused(string sentence, string[] arguments)
    {
        string[] results = arguments[0] == "schedule" ? [] : ["--out", _folder.File("results")];

        var refused = await CommandLine.RunAsync([.. arguments, "--home", _folder.File("home"), .. results]);

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(sentence, Assert.Single(refused.Errors.Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("run ", refused.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("results")));
    }

    /// <summary>Models of several kinds, once for all tests.</summary>
    public sealed class Models : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Models()
        {
            using var unet = SomeNetwork.UNet32();
            using var transformer = SomeNetwork.DiT32();
            ModelFolder.Save(Of(Unlabeled), unet, SomeNetwork.Scheduler);
            ModelFolder.Save(Of(Transformer), transformer, SomeNetwork.Scheduler);
            // Everything that may be left out is.
            PrunedModel.Save(
                Of(Bare), unet,
                PruningPlan.Constant("laptop", 20, new PlanVariant(unet.Layers.Select(layer => layer.Name)), 0.1),
                SomeNetwork.Scheduler);
        }

        /// <summary>Folder of a model.</summary>
        public string Of(string name) => name == Fashion ? Mlops.Cli.Hosting.Fashion.Model : _folder.File(name);

        public void Dispose() => _folder.Dispose();
    }
}

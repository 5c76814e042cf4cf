using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.ImportanceScoring;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;
using Mlops.SparseExport;
using Mlops.Tests.Pruning;
using static TorchSharp.torch;

namespace Mlops.Tests.Services.SparseExport;

/// <summary>A model that is pruned already, pruned again: what comes out is what both plans leave by hand.</summary>
public sealed class PrunedAgainTests : IDisposable
{
    private const string Up = "up_blocks.0.resnets.1";

    private static readonly string[] First = [Up, "down_blocks.1.attentions.0"];
    private static readonly string[] Second = ["down_blocks.0.resnets.1", "up_blocks.1.resnets.1"];

    private readonly PruningJobs _jobs = new();

    public void Dispose() => _jobs.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Layers_of_both_plans_are_missing_and_the_macs_are_those_of_what_is_called(
        bool firstRoutes, bool secondRoutes)
    {
        using var network = SomeNetwork.UNet();
        var (given, then) = (Plan(First, firstRoutes ? 10 : 20), Plan(Second, secondRoutes ? 5 : 20));
        _jobs.WithModel(network, SomeNetwork.Scheduler);
        var once = await ExportAsync(given.WithSteps(secondRoutes ? Table(given) : null));

        var twice = await _jobs.With("model", once).RunAsync(new SparseExporter(), new { format = "pruned" }, then);
        var card = await File.ReadAllTextAsync(Path.Combine(twice, "README.md"));

        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var exported = PrunedModel.Load(twice);
        bool[][] run = [.. Enumerable.Range(0, 20).Select(t => network.Layers.Select(layer =>
            !(t < (firstRoutes ? 10 : 20) && First.Contains(layer.Name))
            && !(t < (secondRoutes ? 5 : 20) && Second.Contains(layer.Name))).ToArray())];
        var (sample, _, _) = SomeNetwork.Question(network);
        foreach (var t in (long[])[2, 7, 15])
            Assert.InRange(SomeNetwork.Distance(
                network.Predict(sample, tensor([t]), null, new LayerControl { Run = run[t] }),
                exported.Model.Predict(sample, tensor([t]))), 0, 1e-5);
        var macs = run.Average(mask => (double)MacCounter.Count(network, run: mask).Macs);
        var record = ExportRecord.Load(twice)!;
        Assert.Equal(macs, exported.MeanMacs, macs * 1e-12);
        Assert.Equal(macs / MacCounter.Count(network).Macs, exported.Plan!.KeptRatio, 1e-12);
        Assert.Equal(macs / record.GivenMacs!.Value, record.GivenRatio!.Value, 1e-12);
        Assert.Equal(ExportRecord.Load(once)!.PrunedMacs, record.GivenMacs.Value, macs * 1e-12);
        Assert.Equal(secondRoutes, exported.Steps is not null);
        if (exported.Steps is { } table)
            Assert.Equal(
                new[] { 15, 5, 0 }.Sum(t => (double)MacCounter.Count(network, run: run[t]).Macs),
                exported.Costs([], table.Guidance).Macs);
        Assert.Contains("was pruned already, to", card);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(10)]
    public async Task A_given_model_is_the_network_that_its_plan_leaves(int until)
    {
        using var network = SomeNetwork.UNet();
        _jobs.WithModel(network, SomeNetwork.Scheduler);
        var folder = await ExportAsync(Plan(First, until));

        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var given = GivenModel.Load(folder);
        using var expected = PrunedModel.Load(folder);

        var (sample, timestep, _) = SomeNetwork.Question(network);
        Assert.Equal(
            network.Layers.Count - (until == 20 ? First.Length : 0), given.Layers.Count);
        Assert.Equal(expected.MeanMacs, MacCounter.Count(given).Macs, 1.0 * given.Layers.Count);
        Assert.InRange(SomeNetwork.Distance(
            expected.Model.Predict(sample, timestep), given.Predict(sample, timestep)), 0, 1e-6);
        // Whatever a call leaves out comes on top.
        var control = LayerControl.Without(0, given.Layers);
        Assert.InRange(SomeNetwork.Distance(
            cat([.. new[] { 1L, 8, 15 }.Select((t, i) => network.Predict(
                sample.narrow(0, i, 1), tensor([t]), null, Without(network, t < until ? First : [])))], 0),
            given.Predict(sample, timestep, null, control)), 0, 1e-5);
    }

    [Theory]
    [InlineData("dense")]
    [InlineData("constant")]
    [InlineData("routed")]
    [InlineData("sliced")]
    public async Task Channels_of_a_pruned_model_are_cut_as_by_hand(string before)
    {
        using var network = SomeNetwork.UNet();
        _jobs.WithModel(network, SomeNetwork.Scheduler);
        var once = before switch
        {
            "constant" => await ExportAsync(Plan(First, 20)),
            "routed" => await ExportAsync(Plan(First, 10)),
            "sliced" => await NarrowAsync(),
            _ => null,
        };
        if (once is not null)
            _jobs.With("model", once);

        var twice = await NarrowAsync();

        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var exported = PrunedModel.Load(twice);
        using var byHand = once is null ? ModelFamily.Clone(network) : GivenModel.Load(once);
        var given = (double)MacCounter.Count(byHand).Macs;
        var ratio = WidthBudget.RatioFor(byHand, 0.8);
        using (var slicer = NetworkSlicer.Of(byHand))
        {
            SequentialPruning.Run(slicer, ratio, MagnitudeScore.Of);
            slicer.ApplyTo(byHand);
        }

        var (sample, timestep, _) = SomeNetwork.Question(network);
        Assert.InRange(SomeNetwork.Distance(
            byHand.Predict(sample, timestep), exported.Model.Predict(sample, timestep)), 0, 1e-5);
        Assert.InRange(exported.MeanMacs / given, 0.4, 0.8);
        Assert.Equal(MacCounter.Count(byHand).Macs, exported.MeanMacs, 1.0 * network.Layers.Count);
        var stored = exported.Inner.Shapes();
        foreach (var (root, channels) in exported.Plan!.Variants[0].Keep)
            Assert.Equal(stored[root + ".weight"][0], channels.Count);
    }

    [Fact]
    public async Task A_channel_that_goes_around_a_layer_is_cut_with_the_one_that_comes_out()
    {
        using var network = SomeNetwork.UNet();
        _jobs.WithModel(network, SomeNetwork.Scheduler);
        using var dense = ModelFamily.Clone(network);
        using var routed = GivenModel.Load(await ExportAsync(Plan([Up], 10)));

        Assert.False(Together(ChannelGroups.Of(dense)));
        Assert.True(Together(ChannelGroups.Of(routed)));

        static bool Together(IReadOnlyList<ChannelGroup> groups) => groups.Any(group =>
            group.Members.Any(member => member is { Module: Up + ".conv2", Kind: MemberKind.ConvOut })
            && group.Members.Any(member => member is
            { Module: "up_blocks.0.attentions.0.to_out.0", Kind: MemberKind.LinearOut }));
    }

    // DDIM's four steps of twenty timesteps are at 15, 10, 5 and 0.
    private static StepTable Table(PruningPlan plan) => new("ddim", 4, 1, false, StepAim.Sampler,
        [new StepAction.Run(plan.VariantAt(15)), new StepAction.Forecast(ForecastKind.Noise, 1),
            new StepAction.Run(plan.VariantAt(5)), new StepAction.Run(plan.VariantAt(0))]);

    private static LayerControl Without(Denoiser network, string[] names) => new()
    {
        Run = [.. network.Layers.Select(layer => layer.Index != 0 && !names.Contains(layer.Name))],
    };

    private static PruningPlan Plan(string[] skip, int until) => PruningPlan.FromTable(
        "laptop",
        [.. Enumerable.Range(0, 20).Select(t => t < until ? new PlanVariant(skip) : PlanVariant.Dense)], 0.9);

    private Task<string> ExportAsync(PruningPlan plan) =>
        _jobs.RunAsync(new SparseExporter(), new { format = "pruned" }, plan);

    private async Task<string> NarrowAsync()
    {
        _jobs.With("scores", await _jobs.RunAsync(new ImportanceScorer(), new { method = "magnitude" }));
        var folder = await _jobs.RunAsync(new SparseExporter(), new { format = "pruned", macs = 0.8 });
        _jobs.Without("scores");
        return folder;
    }
}

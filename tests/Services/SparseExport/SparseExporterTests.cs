using System.Text.Json;
using System.Text.Json.Nodes;
using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.ImportanceScoring;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Stages;
using Mlops.SparseExport;
using Mlops.Tests.Diffusion.Models;
using Mlops.Tests.Pruning;
using static TorchSharp.torch;

namespace Mlops.Tests.Services.SparseExport;

public sealed class SparseExporterTests : IDisposable
{
    private readonly PruningJobs _jobs = new();

    public void Dispose() => _jobs.Dispose();

    [Theory]
    [InlineData("magnitude", 0.7)]
    [InlineData("random", 0.5)]
    public async Task Channel_scores_give_a_narrower_network_within_the_budget(string method, double macs)
    {
        using var network = SomeNetwork.UNet();
        var dense = MacCounter.Count(network);
        _jobs.WithModel(network, SomeNetwork.Scheduler);
        _jobs.With("scores", await _jobs.RunAsync(new ImportanceScorer(), new { method }));

        var folder = await _jobs.RunAsync(new SparseExporter(), new { macs });

        using var pruned = PrunedModel.Load(folder);
        Assert.Equal("pruned", Record(folder, "format").GetString());
        Assert.InRange(pruned.MeanMacs, 0.3 * macs * dense.Macs, macs * dense.Macs);
        Assert.Equal(pruned.MeanMacs / dense.Macs, pruned.Plan!.KeptRatio, 5e-13);
        Assert.True(pruned.Parameters < dense.Parameters);
    }

    [Fact]
    public async Task Layer_scores_drop_layers_whose_weights_leave_the_files()
    {
        using var network = SomeNetwork.UNet();
        _jobs.WithModel(network, SomeNetwork.Scheduler).With("scores", LayerScores(network));

        var folder = await _jobs.RunAsync(new SparseExporter(), new { macs = 0.8 });

        using var pruned = PrunedModel.Load(folder);
        var skipped = Assert.Single(pruned.Plan!.Variants).Skip;
        Assert.NotEmpty(skipped);
        Assert.DoesNotContain(pruned.Inner.Present(), weight => weight.Name.StartsWith(skipped[0] + "."));
        Assert.InRange(pruned.Plan.KeptRatio, 0.5, 0.8);
        SameAnswers(network, pruned.Plan, pruned.Model);
    }

    [Fact]
    public async Task A_schedule_becomes_one_weight_set_with_a_routing_table()
    {
        using var network = SomeNetwork.UNet();
        var plan = PruningPlan.FromTable("diff-es", [.. Enumerable.Range(0, 20).Select(t =>
            t < 10 ? PlanVariant.Dense : new PlanVariant([network.Layers[2].Name]))], 1);
        _jobs.WithModel(network, SomeNetwork.Scheduler).With("schedule", Folder(plan));

        var folder = await _jobs.RunAsync(new SparseExporter(), new { });

        using var pruned = PrunedModel.Load(folder);
        var expected = PlanCosts.KeptRatio(
            plan, network.Layers, MacCounter.LayerCosts(network), MacCounter.Count(network).Macs);
        Assert.Equal("pruned", Record(folder, "format").GetString());
        Assert.Equal(expected, pruned.Plan!.KeptRatio, 5e-13);
        SameAnswers(network, plan, pruned.Model);
    }

    [Theory]
    [InlineData("native", 1, 2)]
    [InlineData("pruned", 0, 2)]
    [InlineData("pruned", 1, 2)]
    [InlineData("padded", 0, 3)]
    public async Task A_shallower_transformer_predicts_what_the_masked_one_does(string format, int block, int blocks)
    {
        using var network = SomeNetwork.DiT();
        var plan = PruningPlan.Constant("laptop", 20, new PlanVariant([network.Layers[block].Name]), 1);
        _jobs.WithModel(network, SomeNetwork.Scheduler).With("schedule", Folder(plan));

        var folder = await _jobs.RunAsync(new SparseExporter(), new { format });

        using var plain = format == "pruned"
            ? PrunedModel.Load(folder).Model
            : ModelFolder.Load(folder, sliced: false);
        SameAnswers(network, plan, plain);
        Assert.Equal(format == "pruned" ? 3 : blocks, plain.Layers.Count);
        Assert.Equal(format == "pruned", PrunedModel.PlanIn(folder) is not null);
    }

    [Fact]
    public async Task A_transformer_that_lost_its_first_block_is_no_plain_one_because_its_output_needs_that_embedder()
    {
        using var network = SomeNetwork.DiT();
        var plan = PruningPlan.Constant("laptop", 20, new PlanVariant([network.Layers[0].Name]), 1);
        _jobs.WithModel(network, SomeNetwork.Scheduler).With("schedule", Folder(plan));

        var folder = await _jobs.RunAsync(new SparseExporter(), new { });
        var refusal = await Assert.ThrowsAsync<InvalidDataException>(
            () => _jobs.RunAsync(new SparseExporter(), new { format = "native" }));

        Assert.Equal("pruned", Record(folder, "format").GetString());
        Assert.Contains("embedders of block 0", refusal.Message);
    }

    [Fact]
    public async Task Skipped_layers_of_a_unet_are_padded_so_that_any_tool_computes_the_same()
    {
        using var network = SomeNetwork.UNet();
        var skip = network.Layers.Where(layer => layer.Index % 2 == 1).Select(layer => layer.Name).ToArray();
        Assert.Contains(skip, name => name.StartsWith("up_blocks") && name.Contains("resnets"));
        var plan = PruningPlan.Constant("laptop", 20, new PlanVariant(skip), 1);
        _jobs.WithModel(network, SomeNetwork.Scheduler).With("schedule", Folder(plan));

        var folder = await _jobs.RunAsync(new SparseExporter(), new { format = "padded" });

        using var dense = ModelFolder.Load(folder, sliced: false);
        SameAnswers(network, plan, dense);
    }

    [Fact]
    public async Task Skip_blocks_that_lose_equally_many_layers_make_a_plain_unet_and_no_others_do()
    {
        using var network = SomeNetwork.Of(SomeModels.SkipUNet);
        string[] layers = ["down_blocks.1.attentions.1", .. Enumerable.Range(0, 3).SelectMany(level =>
            (string[])[$"down_blocks.{level}.resnets.1", $"up_blocks.{level}.resnets.1"])];
        string[] attention = ["down_blocks.1.attentions.0", "down_blocks.1.attentions.1", "up_blocks.1.attentions.0"];
        var fewer = PruningPlan.Constant("laptop", 20, new PlanVariant(layers), 1);
        _jobs.WithModel(network, SomeNetwork.Scheduler).With("schedule", Folder(fewer));

        var folder = await _jobs.RunAsync(new SparseExporter(), new { });
        var unscaled = await Assert.ThrowsAsync<InvalidDataException>(
            () => _jobs.RunAsync(new SparseExporter(), new { format = "padded" }));
        _jobs.With("schedule", Folder(PruningPlan.Constant("laptop", 20, new PlanVariant(attention), 1)));
        var regrouped = await Assert.ThrowsAsync<InvalidDataException>(
            () => _jobs.RunAsync(new SparseExporter(), new { format = "native" }));

        using var plain = ModelFolder.Load(folder, sliced: false);
        Assert.Equal("native", Record(folder, "format").GetString());
        Assert.Equal(1, plain.Config.Integer("layers_per_block", 0));
        SameAnswers(network, fewer, plain);
        Assert.Contains("whose sum is divided by 1.414", unscaled.Message);
        Assert.Contains("other widths or norm groups", regrouped.Message);
    }

    [Fact]
    public async Task A_network_of_the_logarithm_of_time_is_compared_where_flow_matching_has_times()
    {
        using var network = SomeNetwork.Of(SomeModels.SkipUNet.With("time_embedding_type", "fourier"));
        var plan = PruningPlan.FromTable("alter", [.. Enumerable.Range(0, 20).Select(row =>
            row < 10 ? PlanVariant.Dense : new PlanVariant([network.Layers[^1].Name]))], 1);
        _jobs.WithModel(network, """{"_class_name": "FlowMatchEulerDiscreteScheduler", "num_train_timesteps": 20}""")
            .With("schedule", Folder(plan));

        var folder = await _jobs.RunAsync(new SparseExporter(), new { });

        Assert.InRange(Record(folder, "largest_difference").GetDouble(), 0, 1e-5);
    }

    [Fact]
    public async Task Levels_that_lost_equal_numbers_of_channels_make_a_plain_narrower_unet()
    {
        // One channel per norm group at full resolution cannot go; a quarter of the others goes everywhere.
        var config = ModelConfig.Parse(SomeNetwork.UNetConfig)
            .With("block_out_channels", new JsonArray(8, 32)).With("norm_num_groups", 8);
        using var network = SomeNetwork.Of(config);
        _jobs.WithModel(network, SomeNetwork.Scheduler);
        _jobs.With("scores", await _jobs.RunAsync(new ImportanceScorer(), new { method = "magnitude" }));

        var folder = await _jobs.RunAsync(new SparseExporter(), new { ratio = 0.25 });

        using var narrower = ModelFolder.Load(folder, sliced: false);
        Assert.Equal("native", Record(folder, "format").GetString());
        Assert.Equal([8L, 24L], narrower.Config.Integers("block_out_channels"));
        Assert.Equal(24, narrower.Config.Integer("time_embedding_dim", 0));
        Assert.InRange(Record(folder, "largest_difference").GetDouble(), 0, 1e-5);
    }

    [Fact]
    public async Task Heads_and_neurons_of_a_transformer_can_be_padded()
    {
        using var network = SomeNetwork.DiT();
        _jobs.WithModel(network, SomeNetwork.Scheduler);
        _jobs.With("scores", await _jobs.RunAsync(new ImportanceScorer(), new { method = "magnitude" }));

        var sliced = await _jobs.RunAsync(new SparseExporter(), new { macs = 0.7 });
        var padded = await _jobs.RunAsync(new SparseExporter(), new { macs = 0.7, format = "padded" });

        using var small = PrunedModel.Load(sliced);
        using var plain = ModelFolder.Load(padded, sliced: false);
        Assert.Equal("pruned", Record(sliced, "format").GetString());
        Assert.True(small.Parameters < plain.named_parameters().Sum(entry => entry.parameter.numel()));
        SameAnswers(small.Model, null, plain);
    }

    [Fact]
    public async Task Channels_before_a_norm_cannot_be_padded()
    {
        using var network = SomeNetwork.UNet();
        _jobs.WithModel(network, SomeNetwork.Scheduler);
        _jobs.With("scores", await _jobs.RunAsync(new ImportanceScorer(), new { method = "magnitude" }));

        var refusal = await Assert.ThrowsAsync<InvalidDataException>(
            () => _jobs.RunAsync(new SparseExporter(), new { format = "padded", macs = 0.5 }));

        Assert.Contains("group norm", refusal.Message);
    }

    [Fact]
    public async Task A_budget_that_no_mask_reaches_is_refused()
    {
        using var network = SomeNetwork.UNet();
        _jobs.WithModel(network, SomeNetwork.Scheduler).With("scores", LayerScores(network));

        var refusal = await Assert.ThrowsAsync<InvalidDataException>(
            () => _jobs.RunAsync(new SparseExporter(), new { macs = 0.02 }));

        Assert.Contains("cannot be reached", refusal.Message);
    }

    [Fact]
    public async Task A_pruned_student_that_was_tuned_keeps_its_plan_and_its_new_weights()
    {
        using var network = SomeNetwork.UNet();
        _jobs.WithModel(network, SomeNetwork.Scheduler).With("scores", LayerScores(network));
        var sliced = await _jobs.RunAsync(new SparseExporter(), new { macs = 0.8 });
        var tuned = _jobs.NewFolder();
        using (var student = PrunedModel.Load(sliced))
        using (no_grad())
        {
            foreach (var parameter in student.Inner.parameters())
                parameter.mul_(1.01);
            PrunedModel.Save(tuned, student.Inner, student.Plan, SomeNetwork.Scheduler);
        }

        var folder = await _jobs.Without("scores").With("tuned", tuned).RunAsync(new SparseExporter(), new { });

        using var before = PrunedModel.Load(tuned);
        using var after = PrunedModel.Load(folder);
        Assert.Equal(before.Plan!.Variants, after.Plan!.Variants);
        SameAnswers(before.Model, null, after.Model);
    }

    private static void SameAnswers(Denoiser network, PruningPlan? plan, Denoiser exported)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (sample, timestep, labels) = SomeNetwork.Question(network);
        for (var i = 0; i < 3; i++)
        {
            var (x, t, y) = (sample.narrow(0, i, 1), timestep.narrow(0, i, 1), labels?.narrow(0, i, 1));
            var control = plan is null ? null
                : new LayerControl { Run = plan.RunMask(plan.VariantAt(t.item<long>()), network.Layers) };
            Assert.InRange(
                SomeNetwork.Distance(network.Predict(x, t, y, control), exported.Predict(x, t, y)), 0, 1e-5);
        }
    }

    private string LayerScores(Denoiser network)
    {
        var folder = _jobs.NewFolder();
        ScoresFolder.Save(new ImportanceScores("output-loss", ScoreTarget.Layers, StageBounds.Even(1, 20),
            [.. network.Layers.Select(layer => new StructureScores(layer.Name, [[1.0 + layer.Index]]))]), folder);
        return folder;
    }

    private string Folder(PruningPlan plan)
    {
        var folder = _jobs.NewFolder();
        PlanFile.Save(plan, folder);
        return folder;
    }

    private static JsonElement Record(string folder, string name)
    {
        using var record = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, ExportRecord.FileName)));
        return record.RootElement.GetProperty(name).Clone();
    }
}

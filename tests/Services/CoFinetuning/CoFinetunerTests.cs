using System.Text.Json;
using Mlops.CoFinetuning;
using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.Pruning.Plans;
using static TorchSharp.torch;

namespace Mlops.Tests.Services.CoFinetuning;

public sealed class CoFinetunerTests(TrainingFixture fixture) : IClassFixture<TrainingFixture>
{
    private const string Paper =
        """{"mode": "alter", "profile": "paper", "macs": 0.7, "steps": 10, "window-steps": 6, "batch-size": 2}""";

    private const string Dense =
        """{"mode": "dense", "steps": 10, "batch-size": 2, "widths": [8, 8], "layers-per-block": 1}""";

    private const string Transformer =
        """
        {"mode": "dense", "steps": 2, "batch-size": 2, "architecture": "dit", "blocks": 2, "heads": 1, "pictures": 0}
        """;

    [Theory]
    [InlineData(Dense, 5)]
    [InlineData(TrainingFixture.Alter, 4)]
    [InlineData(TrainingFixture.Alter, 8)]
    [InlineData(Paper, 4)]
    public async Task A_job_that_was_stopped_and_resumed_ends_in_the_same_bytes(string settings, int stop)
    {
        using var cancel = new CancellationTokenSource();
        var key = $"stopped-{settings.Length}-{stop}";

        var whole = fixture.Once(settings);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fixture.TrainAsync(
            settings, key, progress => StopAt(progress.Activity), 0, cancel.Token));
        var seen = new List<string>();
        var resumed = fixture.Train(settings, key, progress => seen.Add(progress.Activity));

        Assert.StartsWith($"step {stop + 1} of 10", seen[0], StringComparison.Ordinal);
        AssertSameFiles(whole, resumed);

        void StopAt(string activity)
        {
            if (activity.StartsWith($"step {stop} ", StringComparison.Ordinal))
                cancel.Cancel();
        }
    }

    [Fact]
    public void Labels_are_dropped_where_the_network_has_one_that_means_none()
    {
        const string Settings = """
            {"mode": "dense", "steps": STEPS, "batch-size": 2, "architecture": "dit", "blocks": 1, "heads": 1,
             "weight-decay": 0, "ema-decay": 0, "label-dropout": SHARE}
            """;

        var (none, classes) = (Learned("1"), Learned("0"));

        Assert.True(none is { Classes: 0, None: > 0 }, $"{none}");
        Assert.True(classes is { Classes: > 0, None: 0 }, $"{classes}");

        (double Classes, double None) Learned(string share)
        {
            var (first, second) = (Table(share, "1"), Table(share, "3"));
            var change = (second - first).abs();
            return (change.narrow(0, 0, 10).max().item<float>(), change[10].max().item<float>());
        }

        TorchSharp.torch.Tensor Table(string share, string steps)
        {
            using var model = ModelFolder.Load(fixture.Train(
                Settings.Replace("STEPS", steps, StringComparison.Ordinal)
                    .Replace("SHARE", share, StringComparison.Ordinal)));
            return model.Present().Single(weight => weight.Name.EndsWith("embedding_table.weight")).Value.detach()
                .clone();
        }
    }

    /// <summary>What guidance needs is kept up while a network is pruned.</summary>
    [Theory]
    [InlineData("alter")]
    [InlineData("distil")]
    public void The_label_that_means_none_is_trained_in_every_mode(string mode)
    {
        var model = fixture.Once(Transformer);
        using var roles = fixture.With(
            ("model", fixture.Import(model, "model")), ("student", fixture.Import(model, "pruned")));

        var tuned = fixture.Train($$"""
            {"mode": "{{mode}}", "steps": 2, "batch-size": 2, "macs": 0.9, "weight-decay": 0, "ema-decay": 0,
             "label-dropout": 1, "probes": 1, "probe-steps": 2, "score-images": 2}
            """);

        const string Table = "transformer_blocks.0.norm1.emb.class_embedder.embedding_table.weight";
        var (before, after) = (fixture.Tensors(model)[Table], fixture.Tensors(tuned)[Table]);
        var row = before.Length / 11;
        Assert.Equal(before[..^row], after[..^row]);
        Assert.NotEqual(before[^row..], after[^row..]);
    }

    [Fact]
    public void Masks_are_judged_with_the_guidance_that_will_be()
    {
        using var roles = fixture.With(("model", fixture.Import(fixture.Once(Transformer), "model")));

        var (plain, guided) = (Learned(1), Learned(4));

        Assert.True(plain > 0 && guided > 0);
        Assert.NotEqual(plain, guided);

        double Learned(int guidance) => LossCurves.Load(fixture.Train($$"""
            {"mode": "alter", "steps": 2, "window-steps": 1, "batch-size": 2, "macs": 0.5, "probes": 2,
             "probe-steps": 2, "score-images": 2, "guidance": {{guidance}}}
            """)).Frozen!.Learned!.Value;
    }

    [Fact]
    public void The_published_freeze_keeps_the_last_noisy_draw()
    {
        var folder = fixture.Train(Paper.Replace("\"macs\": 0.7", "\"macs\": 0.7, \"offset\": 0.5"));
        var frozen = LossCurves.Load(folder).Frozen!;

        // Neither cut at the budget nor compared with anything.
        Assert.Equal("learned", frozen.Taken);
        Assert.True(double.IsNaN(frozen.Threshold));
        Assert.Null(frozen.Learned);
        Assert.True(Math.Abs(frozen.KeptRatio - 0.7) > 1e-3, $"{frozen.KeptRatio}");
    }

    [Fact]
    public void A_window_too_short_to_decide_is_said()
    {
        var frozen = LossCurves.Load(fixture.Train(
            TrainingFixture.Alter.Replace("\"window-steps\": 6", "\"window-steps\": 1", StringComparison.Ordinal)))
            .Frozen!;

        Assert.True(frozen.Undecided, $"{frozen}");
        Assert.InRange(frozen.GateFlips, 0.05, 1);
        Assert.InRange(frozen.RouteFlips, 0.05, 1);
        Assert.All(frozen.Hamming, pair => Assert.True(pair.First < pair.Second && pair.Share is >= 0 and <= 1));
    }

    [Fact]
    public void Another_seed_gives_another_model()
    {
        var one = fixture.Once(Dense);
        var two = fixture.Train(Dense, seed: 1);

        Assert.NotEqual(Weights(one), Weights(two));
    }

    [Fact]
    public void Dense_training_lowers_the_loss_and_leaves_a_model_folder()
    {
        var folder = fixture.Train(Dense.Replace(
            "10,", "60, \"warm-up-steps\": 5, \"learning-rate\": 0.01,", StringComparison.Ordinal));

        var losses = TrainingFixture.Losses(folder);
        using var model = ModelFolder.Load(folder);
        Assert.True(losses[^8..].Average() < 0.8 * losses[..8].Average());
        Assert.NotNull(ModelFolder.Scheduler(folder));
        Assert.Equal(10, model.Classes);
    }

    [Fact]
    public void Alter_freezes_a_plan_on_the_budget()
    {
        var folder = fixture.Once(TrainingFixture.Alter);

        using var model = ModelFolder.Load(fixture.ModelFolder);
        var plan = PlanFile.Load(folder);
        var (layers, total) = (MacCounter.LayerCosts(model), MacCounter.Count(model).Macs);
        var counted = PlanCosts.KeptRatio(plan, model.Layers, layers, total);
        Assert.InRange(counted, 0.7 - (double)layers.Max() / total, 0.7 + 1e-9);
        Assert.Equal(counted, plan.KeptRatio, 1e-9);
        Assert.InRange(plan.Variants.Count, 1, 4);
        Assert.Equal("alter", plan.Method);
    }

    [Fact]
    public void The_history_says_how_the_masks_were_frozen()
    {
        var folder = fixture.Once(TrainingFixture.Alter);

        using var history = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, LossCurves.FileName)));
        var frozen = history.RootElement.GetProperty("frozen");
        var rows = history.RootElement.GetProperty("rows").EnumerateArray().ToArray();
        Assert.Equal(6, frozen.GetProperty("step").GetInt32());
        Assert.InRange(frozen.GetProperty("flip_rate").GetDouble(), 0, 1);
        Assert.Equal(1, frozen.GetProperty("coverage").EnumerateArray().Sum(share => share.GetDouble()), 1e-9);
        Assert.InRange(frozen.GetProperty("segments").GetInt32(), 1, 4);
        Assert.True(rows[5].TryGetProperty("ratio", out _));
        Assert.False(rows[6].TryGetProperty("ratio", out _));
        Assert.True(frozen.GetProperty("learned").GetDouble() > 0 && frozen.GetProperty("measured").GetDouble() > 0);
        Assert.False(frozen.TryGetProperty("start", out _));
    }

    [Fact]
    public void A_budget_below_the_fixed_part_is_refused_before_the_first_step()
    {
        var steps = 0;

        var error = Assert.Throws<InvalidDataException>(() => fixture.Train(
            """{"mode": "alter", "macs": 0.02}""", observe: _ => steps++));

        using var model = ModelFolder.Load(fixture.ModelFolder);
        var smallest = 1 - (double)MacCounter.LayerCosts(model).Sum() / MacCounter.Count(model).Macs;
        Assert.Contains(FormattableString.Invariant($"{smallest:0.0000}"), error.Message, StringComparison.Ordinal);
        Assert.Equal(0, steps);
    }

    [Fact]
    public void A_loss_that_is_no_number_ends_the_job_with_a_way_out()
    {
        var broken = fixture.NewFolder();
        using (var scope = NewDisposeScope())
        using (var model = ModelFolder.Load(fixture.ModelFolder))
        using (no_grad())
        {
            model.named_parameters().Single(named => named.name == "conv_out.weight").parameter.mul_(1e25);
            ModelFolder.Save(broken, model, ModelFolder.Scheduler(fixture.ModelFolder));
        }

        using var other = fixture.With(("model", fixture.Import(broken, "model")));

        var error = Assert.Throws<InvalidDataException>(() => fixture.Train(TrainingFixture.Alter));

        Assert.Contains("learning-rate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_student_with_a_plan_keeps_it_through_distillation()
    {
        var student = PrunedStudent(out var skipped);
        using var roles = fixture.With(("student", fixture.Import(student, "pruned")));

        var folder = fixture.Train("""{"mode": "distil", "steps": 24, "batch-size": 2, "learning-rate": 0.003}""");

        var losses = TrainingFixture.Losses(folder);
        Assert.Equal([skipped], PlanFile.Load(folder).Variants.Single().Skip);
        Assert.True(losses[^8..].Average() < losses[..8].Average());
    }

    [Fact]
    public void Weights_of_a_layer_that_every_mask_skips_stay_as_they_are()
    {
        var student = PrunedStudent(out var skipped);
        using var roles = fixture.With(("student", fixture.Import(student, "pruned")));

        var folder = fixture.Train("""{"mode": "distil", "steps": 2, "batch-size": 2}""");

        var (before, after) = (fixture.Tensors(student), fixture.Tensors(folder));
        Assert.All(before.Where(tensor => tensor.Key.StartsWith(skipped + ".", StringComparison.Ordinal)),
            tensor => Assert.Equal(tensor.Value, after[tensor.Key]));
        Assert.NotEqual(before["conv_in.weight"], after["conv_in.weight"]);
    }

    [Fact]
    public void Data_of_another_size_is_refused()
    {
        using var roles = fixture.With(("model", fixture.Import(Resized(), "model")));

        var error = Assert.Throws<InvalidDataException>(() => fixture.Train(TrainingFixture.Alter));

        Assert.Contains("32", error.Message, StringComparison.Ordinal);
    }

    private string PrunedStudent(out string skipped)
    {
        var student = fixture.NewFolder();
        using var model = ModelFolder.Load(fixture.ModelFolder);
        ModelFolder.Save(student, model, ModelFolder.Scheduler(fixture.ModelFolder));
        skipped = model.Layers[1].Name;
        PlanFile.Save(PruningPlan.Constant("laptop", 1000, new PlanVariant([skipped]), 0.9), student);
        return student;
    }

    private string Resized()
    {
        var folder = fixture.NewFolder();
        using var model = ModelFamily.Create(ModelFolder.Config(fixture.ModelFolder).With("sample_size", 16), 0);
        ModelFolder.Save(folder, model, ModelFolder.Scheduler(fixture.ModelFolder));
        return folder;
    }

    private static byte[] Weights(string folder) =>
        File.ReadAllBytes(Path.Combine(folder, ModelFolder.Stem + ".safetensors"));

    private static void AssertSameFiles(string one, string two)
    {
        var names = Directory.GetFiles(one).Select(path => Path.GetFileName(path)).Order().ToArray();
        Assert.Equal(names, Directory.GetFiles(two).Select(path => Path.GetFileName(path)).Order().ToArray());
        Assert.All(names, name => Assert.True(Bytes(one, name).SequenceEqual(Bytes(two, name)), name));

        static byte[] Bytes(string folder, string name) => File.ReadAllBytes(Path.Combine(folder, name));
    }
}

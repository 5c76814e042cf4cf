using System.Text.Json;
using Mlops.Diffusion.Models;
using Mlops.ImportanceScoring;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using Mlops.Tests.Pruning;

namespace Mlops.Tests.Services.ImportanceScoring;

public sealed class ImportanceScorerTests : IDisposable
{
    private readonly PruningJobs _jobs = new();
    private readonly Denoiser _network = SomeNetwork.UNet32();

    public ImportanceScorerTests() => _jobs.WithModel(_network, SomeNetwork.Scheduler).WithImages();

    public void Dispose()
    {
        _network.Dispose();
        _jobs.Dispose();
    }

    [Theory]
    [InlineData("random")]
    [InlineData("magnitude")]
    [InlineData("taylor")]
    [InlineData("diff-pruning")]
    public async Task Channel_criteria_score_every_channel_of_every_group(string method)
    {
        var folder = await _jobs.RunAsync(
            new ImportanceScorer(), new { method, stages = 2, batchSize = 4, stride = 3 });

        var scores = ScoresFolder.Load(folder);
        Assert.Equal((method, ScoreTarget.Channels, 2), (scores.Method, scores.Target, scores.Stages.Count));
        Assert.Equal(
            ChannelGroups.Of(_network).Select(group => (group.Root, group.Width)),
            scores.Structures.Select(structure => (structure.Name, structure.PerStage[1].Length)));
        Assert.All(scores.Structures, structure => Assert.All(structure.PerStage[0], value => Assert.True(value >= 0)));
        Assert.Equal(method is "taylor" or "diff-pruning", ScoresFolder.Gradients(folder).Count > 0);
        Assert.Equal(method is "taylor" or "diff-pruning" ? 2 : null, scores.Walked?.Count);
        if (method == "taylor")
            Assert.Equal([[0, 9], [10, 19]], scores.Walked);
    }

    [Theory]
    [InlineData("output-loss", 1)]
    [InlineData("entropy", 1)]
    [InlineData("block-cosine", 5)]
    [InlineData("trajectory-loss", 4)]
    [InlineData("mixed-loss", 4)]
    public async Task Layer_criteria_score_every_layer_in_every_stage(string method, int stages)
    {
        var folder = await _jobs.RunAsync(
            new ImportanceScorer(), new { method, samples = 6, batchSize = 4, probes = 2, steps = 5 });

        var scores = ScoresFolder.Load(folder);
        Assert.Equal((method, ScoreTarget.Layers, stages), (scores.Method, scores.Target, scores.Stages.Count));
        Assert.Equal(_network.Layers.Select(layer => layer.Name), scores.Structures.Select(one => one.Name));
        Assert.All(scores.LayerTotals(), total => Assert.True(total > 0));
        Assert.Equal(scores.Structures.Count, scores.PerStageAndLayer()[0].Distinct().Count());
        using var table = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, ScoresFolder.TableFile)));
        Assert.Equal(scores.Structures[0].PerStage[0][0],
            table.RootElement.GetProperty("table")[0].GetProperty("mean_per_stage")[0].GetDouble());
    }

    [Fact]
    public async Task Equal_orders_give_equal_bytes_and_another_seed_others()
    {
        var settings = new { method = "output-loss", samples = 4, batchSize = 2 };

        var one = await _jobs.RunAsync(new ImportanceScorer(), settings, seed: 1);
        var two = await _jobs.RunAsync(new ImportanceScorer(), settings, seed: 1);
        var three = await _jobs.RunAsync(new ImportanceScorer(), settings, seed: 2);

        Assert.Equal(Bytes(one), Bytes(two));
        Assert.NotEqual(Bytes(one), Bytes(three));
    }

    [Theory]
    [InlineData("block-cosine", 0.5)]
    [InlineData("mixed-loss", 0.03)]
    public async Task A_job_that_was_stopped_goes_on_with_the_same_result(string method, double done)
    {
        var settings = new { method, samples = 6, batchSize = 2, probes = 2, steps = 5 };
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _jobs.RunAsync(
            new ImportanceScorer(), settings, 0, stop.Token, progress => stop.Cancel()));
        var resumed = new List<double>();
        var folder = await _jobs.RunAsync(
            new ImportanceScorer(), settings, 0, default, progress => resumed.Add(progress.Fraction));
        using var fresh = new PruningJobs().WithModel(_network, SomeNetwork.Scheduler).WithImages();
        var whole = await fresh.RunAsync(new ImportanceScorer(), settings);

        Assert.Equal(Bytes(whole), Bytes(folder));
        Assert.True(resumed[0] > done, "what was scored is not scored again");
    }

    [Fact]
    public async Task Options_and_inputs_that_do_not_fit_are_refused_by_name()
    {
        var unknown = await Assert.ThrowsAsync<ArgumentException>(
            () => _jobs.RunAsync(new ImportanceScorer(), new { method = "guess" }));
        var range = await Assert.ThrowsAsync<ArgumentException>(
            () => _jobs.RunAsync(new ImportanceScorer(), new { threshold = 1.5 }));
        var input = await Assert.ThrowsAsync<InvalidDataException>(
            () => _jobs.Without("data").RunAsync(new ImportanceScorer(), new { method = "output-loss" }));
        var unlabeled = await Assert.ThrowsAsync<InvalidDataException>(() => _jobs.WithImages().RunAsync(
            new ImportanceScorer(), new { method = "block-cosine", guidance = 2 }));
        var unguided = await Assert.ThrowsAsync<ArgumentException>(
            () => _jobs.RunAsync(new ImportanceScorer(), new { method = "magnitude", guidance = 2 }));

        Assert.Contains("guidance 2 needs a model with a label", unlabeled.Message);
        Assert.Contains("only layer criteria", unguided.Message);
        Assert.Contains("'method'", unknown.Message);
        Assert.Contains("'threshold'", range.Message);
        Assert.Contains("'data'", input.Message);
    }

    private static byte[] Bytes(string folder) => File.ReadAllBytes(Path.Combine(folder, ScoresFolder.TensorFile));
}

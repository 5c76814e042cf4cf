using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.ImportanceScoring;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;
using Mlops.SparseExport;
using Mlops.Tests.Pruning;
using static TorchSharp.torch;

namespace Mlops.Tests.Services.ImportanceScoring;

/// <summary>Criteria that look at what goes into layers, and the exports that follow.</summary>
public sealed class InputScoringTests : IDisposable
{
    private readonly PruningJobs _jobs = new();
    private readonly Denoiser _network = SomeNetwork.DiT32();

    public InputScoringTests() => _jobs.WithModel(_network, SomeNetwork.Scheduler).WithImages();

    public void Dispose()
    {
        _network.Dispose();
        _jobs.Dispose();
    }

    [Theory]
    [InlineData("wanda", 2)]
    [InlineData("activation", 2)]
    [InlineData("obs", 1)]
    public async Task Every_head_and_neuron_is_scored_and_the_cheap_ones_go(string method, int stages)
    {
        var folder = await _jobs.RunAsync(
            new ImportanceScorer(), new { method, stages, samples = 6, batchSize = 4, steps = 3, macs = 0.6 });
        var pruned = await _jobs.With("scores", folder).RunAsync(new SparseExporter(), new { macs = 0.6 });

        var scores = ScoresFolder.Load(folder);
        Assert.Equal((method, ScoreTarget.Channels, stages), (scores.Method, scores.Target, scores.Stages.Count));
        Assert.Equal(
            ChannelGroups.Of(_network).Select(group => (group.Root, group.Width)),
            scores.Structures.Select(structure => (structure.Name, structure.PerStage[^1].Length)));
        Assert.All(scores.Structures, structure => Assert.All(structure.PerStage[0], value => Assert.True(value > 0)));
        using var exported = PrunedModel.Load(pruned);
        var ratio = exported.MeanMacs / MacCounter.Count(_network).Macs;
        Assert.InRange(ratio, 0.4, 0.6);
        Assert.Equal(method, exported.Plan!.Method);
    }

    [Theory]
    [InlineData("wanda")]
    [InlineData("activation")]
    [InlineData("obs")]
    public async Task Guided_moments_are_those_with_labels_and_those_without(string method)
    {
        var (labeled, guided) = (await MomentsAsync(guidance: 1), await MomentsAsync(guidance: 2.5));
        // To such a network every label means "no class".
        using var unlabeled = ModelFamily.Clone(_network);
        unlabeled.SetAll((name, _) => !name.Contains("embedding_table") ? null
            : Weight(_network, name).detach()[^1..].expand(Weight(_network, name).shape).clone());
        _jobs.WithModel(unlabeled, SomeNetwork.Scheduler);
        var without = await MomentsAsync(guidance: 1);

        Assert.NotEqual(labeled, without);
        for (var i = 0; i < labeled.Length; i++)
            Assert.Equal((labeled[i] + without[i]) / 2, guided[i], labeled.Max() * 1e-6);

        // Scores of neurons are roots of moments, but for a factor that all three share.
        async Task<double[]> MomentsAsync(double guidance)
        {
            var folder = await _jobs.RunAsync(
                new ImportanceScorer(), new { method, guidance, samples = 6, batchSize = 4, steps = 3 });
            const string Root = "transformer_blocks.1.ff.net.0.proj", Consumer = "transformer_blocks.1.ff.net.2";
            return method == "obs"
                ? [.. ScoresFolder.Hessians(folder, stage: 0)[Consumer].flatten().data<double>()]
                : [.. ScoresFolder.Load(folder).Structures.Single(structure => structure.Name == Root).PerStage[0]
                    .Select(score => score * score)];
        }
    }

    [Theory]
    [InlineData("random")]
    [InlineData("magnitude")]
    [InlineData("taylor")]
    [InlineData("diff-pruning")]
    public async Task A_criterion_that_no_guidance_reaches_refuses_it(string method)
    {
        var refusal = await Assert.ThrowsAsync<ArgumentException>(
            () => _jobs.RunAsync(new ImportanceScorer(), new { method, guidance = 2.5 }));

        Assert.StartsWith("option 'guidance' is 2.5, but only layer criteria, wanda, activation", refusal.Message);
    }

    [Fact]
    public async Task Compensated_weights_are_what_the_exported_model_has()
    {
        await ScoreAsync(new { method = "obs", samples = 6, batchSize = 4, steps = 3 });
        var folder = await _jobs.RunAsync(new SparseExporter(), new { ratio = 0.5 });
        var padded = await _jobs.RunAsync(new SparseExporter(), new { ratio = 0.5, format = "padded" });

        using var sliced = PrunedModel.Load(folder);
        using var zeros = ModelFolder.Load(padded, sliced: false);
        const string Name = "transformer_blocks.0.ff.net.2.weight";
        var kept = tensor(sliced.Plan!.Variants[0].Keep["transformer_blocks.0.ff.net.0.proj"].ToArray());
        using var noGrad = no_grad();
        var (dense, left) = (Weight(_network, Name).index_select(1, kept), Weight(sliced.Inner, Name));
        Assert.Equal(dense.shape, left.shape);
        Assert.True(SomeNetwork.Distance(dense, left) > 1e-3);
        var (sample, timestep, labels) = SomeNetwork.Question(_network);
        Assert.InRange(
            SomeNetwork.Distance(
                zeros.Predict(sample, timestep, labels), sliced.Model.Predict(sample, timestep, labels)), 0, 1e-5);
    }

    [Fact]
    public async Task A_ratio_of_nothing_exports_the_dense_weights_bit_for_bit()
    {
        await ScoreAsync(new { method = "obs", samples = 6, batchSize = 4, steps = 3 });

        var folder = await _jobs.RunAsync(new SparseExporter(), new { ratio = 0, format = "padded" });

        using var exported = ModelFolder.Load(folder, sliced: false);
        Assert.All(_network.named_parameters(), entry =>
            Assert.Equal(entry.parameter.bytes.ToArray(), Weight(exported, entry.name).bytes.ToArray()));
    }

    [Theory]
    [InlineData("samples", "calibration is to look at 1000000 images, but the data has")]
    [InlineData("macs", "macs 0.02 cannot be reached by pruning channels")]
    [InlineData("damping", "is looked at 16 times (1 images, 1 timesteps, 16 tokens), so that its Hessian is singular")]
    [InlineData("dead", "is singular: some of them are zero or combinations of others; set damping above 0")]
    public async Task What_cannot_be_scored_is_refused_in_a_sentence(string what, string expected)
    {
        object settings = what switch
        {
            "samples" => new { method = "obs", samples = 1_000_000 },
            "macs" => new { method = "obs", samples = 2, macs = 0.02 },
            "damping" => new { method = "obs", samples = 1, steps = 1, damping = 0 },
            _ => new { method = "obs", samples = 2, steps = 20, damping = 0 },
        };
        if (what == "dead")
            WithoutANeuron();

        var refusal = await Record.ExceptionAsync(() => _jobs.RunAsync(new ImportanceScorer(), settings));

        Assert.Contains(expected, refusal!.Message);
        Assert.True(refusal is InvalidDataException or ArgumentException);
    }

    [Fact]
    public async Task Hessians_of_several_stages_are_for_a_schedule_and_not_for_one_network()
    {
        await ScoreAsync(new { method = "obs", samples = 2, batchSize = 2, steps = 2, stages = 2 });

        var refusal = await Assert.ThrowsAsync<InvalidDataException>(
            () => _jobs.RunAsync(new SparseExporter(), new { ratio = 0.5 }));

        Assert.StartsWith("the scores of obs are of 2 stages, each with a Hessian of its own", refusal.Message);
    }

    [Fact]
    public async Task More_heads_than_there_are_cannot_go()
    {
        await ScoreAsync(new { method = "wanda", samples = 2, batchSize = 2, steps = 2 });

        var refusal = await Assert.ThrowsAsync<InvalidDataException>(
            () => _jobs.RunAsync(new SparseExporter(), new { ratio = 0.9 }));

        Assert.Equal(
            "ratio 0.9 would remove all 4 heads of 'transformer_blocks.0.attn1.to_v'; ask for at most 0.75",
            refusal.Message);
    }

    [Theory]
    [InlineData("wanda")]
    [InlineData("activation")]
    [InlineData("obs")]
    public async Task A_model_of_convolutions_is_refused_before_a_pass(string method)
    {
        using var unet = SomeNetwork.UNet32();
        var passes = 0;

        var refusal = await Assert.ThrowsAsync<InvalidDataException>(() => _jobs
            .WithModel(unet, SomeNetwork.Scheduler)
            .RunAsync(new ImportanceScorer(), new { method, samples = 2 }, observe: _ => passes++));

        Assert.Contains("prune a DiT this way, and a UNet with magnitude or diff-pruning", refusal.Message);
        Assert.Equal(0, passes);
    }

    // The first hidden neuron of the first block answers 0 to everything.
    private void WithoutANeuron()
    {
        using var noGrad = no_grad();
        foreach (var kind in (string[])["weight", "bias"])
            Weight(_network, $"transformer_blocks.0.ff.net.0.proj.{kind}")[0] = 0;
        _jobs.WithModel(_network, SomeNetwork.Scheduler);
    }

    private async Task ScoreAsync(object settings) =>
        _jobs.With("scores", await _jobs.RunAsync(new ImportanceScorer(), settings));

    private static Tensor Weight(Denoiser network, string name) =>
        network.named_parameters().Single(entry => entry.name == name).parameter;
}

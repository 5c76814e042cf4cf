using System.Text.Json;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using Mlops.Diffusion.Weights;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using Mlops.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Importance;

/// <summary>The Diff-Pruning criterion against what the published procedure computed.</summary>
public sealed class TaylorGoldenTests(TaylorGoldenTests.Walks walks)
    : IClassFixture<TaylorGoldenTests.Walks>, IDisposable
{
    private const string Folder = "goldens/taylor/taylor-unet";
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [ReferenceTheory]
    [InlineData("hf", TaylorVariant.Hf)]
    [InlineData("exp", TaylorVariant.Exp)]
    public void Losses_and_the_stopping_timestep_are_the_published_ones(string name, TaylorVariant variant)
    {
        using var golden = Json("case.json");
        var expected = golden.RootElement.GetProperty("losses").GetProperty(name);

        var sums = walks.Of(variant);

        var losses = expected.GetProperty("loss_per_timestep_until_stop").EnumerateArray().Select(l => l.GetDouble());
        Assert.All(losses.Zip(sums.Losses, (a, b) => Math.Abs(a - b) / a), error => Assert.InRange(error, 0, 2e-5));
        Assert.Equal(losses.Count(), sums.Losses.Count);
        Assert.Equal([sums.First, sums.Last],
            expected.GetProperty("accumulated_timesteps").EnumerateArray().Select(t => t.GetInt32()));
    }

    [ReferenceFact]
    public void Accumulated_gradients_are_the_published_ones()
    {
        using var golden = Open("accumulated_grads.safetensors");

        var sums = walks.Of(TaylorVariant.Hf);

        Assert.Equal(golden.Header.Tensors.Keys.Order(), sums.Gradients.Keys.Order());
        Assert.All(sums.Gradients, entry => Close(golden.Read(entry.Key), entry.Value, 1e-4));
    }

    [ReferenceFact]
    public void Gradient_norms_of_the_other_script_are_the_published_ones()
    {
        using var golden = Json("exp_variant_grad_l2.json");

        var sums = walks.Of(TaylorVariant.Exp);

        Assert.All(golden.RootElement.EnumerateObject(), entry =>
        {
            var norm = sums.Gradients[entry.Name].square().sum().sqrt().item<float>();
            Assert.InRange(Math.Abs(norm - entry.Value.GetDouble()), 0, 1e-3 * Math.Max(1, entry.Value.GetDouble()));
        });
    }

    [ReferenceTheory]
    [InlineData("diff-pruning")]
    [InlineData("taylor")]
    [InlineData("magnitude")]
    public void Scores_of_every_group_are_the_published_ones(string method)
    {
        using var model = ModelFolder.Load(Reference.Path(Folder));
        using var grads = Open("accumulated_grads.safetensors");
        using var golden = Open("scores.safetensors");
        using var network = NetworkSlicer.Of(model, All(grads));
        ChannelScore score = method switch
        {
            "diff-pruning" => TaylorScore.DiffPruning,
            "taylor" => TaylorScore.Plain,
            _ => MagnitudeScore.Of,
        };

        for (var index = 0; index < network.Groups.Count; index++)
        {
            var expected = golden.Read($"score.{method}.{index:00}").data<float>().ToArray();
            var actual = score(network.Groups[index], network);
            Assert.All(expected.Zip(actual), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 2e-5));
        }
    }

    [ReferenceFact]
    public void Pruning_group_after_group_gives_the_published_network_and_its_outputs()
    {
        using var golden = Json("case.json");
        using var model = ModelFolder.Load(Reference.Path(Folder));
        using var expected = Open("pruned_weights.safetensors");
        using var probes = Open("scores.safetensors");
        var sums = walks.Of(TaylorVariant.Hf);
        using var network = NetworkSlicer.Of(model, sums.Gradients);

        var removals = SequentialPruning.Run(network, 0.3, TaylorScore.DiffPruning);
        network.ApplyTo(model);

        Assert.Equal(golden.RootElement.GetProperty("sequential_pruning").EnumerateArray().Select(step =>
            $"{step.GetProperty("root").GetString()}: "
            + string.Join(',', step.GetProperty("removed").EnumerateArray().Select(channel => channel.GetInt64()))),
            removals.Select(removal => $"{removal.Root}: {string.Join(',', removal.Channels)}"));
        Assert.Equal(expected.Header.Tensors.Keys.Order(), network.Weights.Keys.Order());
        Assert.All(expected.Header.Tensors.Keys, name => Close(expected.Read(name), network.Weights[name], 0));
        using var noGrad = no_grad();
        var output = model.Predict(probes.Read("probe.noisy"), probes.Read("probe.timesteps"));
        Close(probes.Read("probe.out_pruned"), output, 2e-5);
    }

    private static void Close(Tensor expected, Tensor actual, double relative)
    {
        Assert.Equal(expected.shape, actual.shape);
        var error = (expected - actual).abs().max().item<float>();
        Assert.InRange(error, 0, relative * Math.Max(1e-3, expected.abs().max().item<float>()));
    }

    private static Dictionary<string, Tensor> All(SafetensorsFile file) =>
        file.Header.Tensors.Keys.ToDictionary(name => name, file.Read);

    private static SafetensorsFile Open(string name) => SafetensorsFile.Open(Reference.Path($"{Folder}/{name}"));

    private static JsonDocument Json(string name) =>
        JsonDocument.Parse(File.ReadAllText(Reference.Path($"{Folder}/{name}")));

    /// <summary>Each walk over the timesteps takes seconds, so the tests share two.</summary>
    public sealed class Walks : IDisposable
    {
        private readonly Dictionary<TaylorVariant, AccumulatedGradients> _walked = [];

        public AccumulatedGradients Of(TaylorVariant variant)
        {
            if (!_walked.ContainsKey(variant))
                _walked[variant] = Accumulate(variant);
            return _walked[variant];
        }

        public void Dispose()
        {
            foreach (var sums in _walked.Values)
                sums.Dispose();
        }

        private static AccumulatedGradients Accumulate(TaylorVariant variant)
        {
            using var scope = NewDisposeScope();
            using var batch = Open("batch.safetensors");
            using var model = ModelFolder.Load(Reference.Path(Folder));
            var walk = new GradientAccumulation(model, NoiseSchedulers.Load(Reference.Path(Folder)))
            {
                Variant = variant,
            };
            return walk.Run(
                new CalibrationBatch(batch.Read("clean"), batch.Read("noise")), 0, 99, CancellationToken.None);
        }
    }
}

using Mlops.Diffusion.Models;
using Mlops.Pruning.Plans;
using Mlops.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Plans;

public sealed class RoutedDenoiserTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _noGrad = no_grad();

    public void Dispose()
    {
        _noGrad.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void A_batch_of_mixed_timesteps_gets_each_samples_own_variant()
    {
        using var network = SomeNetwork.UNet();
        var plan = ThreeVariants(network);
        var (sample, timestep, _) = SomeNetwork.Question(network);
        var expected = cat([.. Enumerable.Range(0, 3).Select(i => network.Predict(
            sample.narrow(0, i, 1), timestep.narrow(0, i, 1), null, Mask(plan, network, i)))], 0);

        using var routed = new RoutedDenoiser(network, plan);
        var answer = routed.Predict(sample, timestep);

        Assert.InRange(SomeNetwork.Distance(expected, answer), 0, 1e-5);
        Assert.True(SomeNetwork.Distance(network.Predict(sample, timestep), answer) > 1e-3);
    }

    [Fact]
    public void Features_and_gates_of_a_mixed_batch_are_those_of_each_sample()
    {
        using var network = SomeNetwork.UNet();
        var plan = ThreeVariants(network);
        var (sample, timestep, _) = SomeNetwork.Question(network);
        var gates = rand([3, network.Layers.Count]);
        var (all, alone) = (new List<Tensor>(), Enumerable.Range(0, 3).Select(_ => new List<Tensor>()).ToArray());
        var expected = cat([.. Enumerable.Range(0, 3).Select(i => network.Predict(
            sample.narrow(0, i, 1), timestep.narrow(0, i, 1), null, new LayerControl
            {
                Run = Mask(plan, network, i).Run, Gates = gates.narrow(0, i, 1), Features = alone[i],
            }))], 0);

        network.Routing = new LayerRouting(
            [.. plan.Variants.Select(variant => variant.RunMask(network.Layers))],
            [.. Enumerable.Range(0, plan.Timesteps).Select(t => plan.VariantAt(t))]);
        var answer = network.Predict(sample, timestep, null, new LayerControl { Gates = gates, Features = all });

        Assert.InRange(SomeNetwork.Distance(expected, answer), 0, 1e-5);
        Assert.Equal(alone[0].Count, all.Count);
        for (var map = 0; map < all.Count; map++)
            Assert.InRange(SomeNetwork.Distance(cat([.. alone.Select(maps => maps[map])], 0), all[map]), 0, 1e-5);
    }

    [Fact]
    public void Layers_that_a_variant_skips_are_not_called()
    {
        using var network = SomeNetwork.UNet();
        var called = new List<string>();
        using var routed = new RoutedDenoiser(network, ThreeVariants(network));
        var (sample, _, _) = SomeNetwork.Question(network);

        var control = new LayerControl { Observe = (layer, _, _) => called.Add(layer.Name) };
        routed.Predict(sample, tensor([8L]), null, control);

        Assert.Equal(network.Layers.Where((_, index) => index != 1).Select(layer => layer.Name), called);
    }

    [Fact]
    public void A_callers_own_mask_is_refused()
    {
        using var network = SomeNetwork.UNet();
        using var routed = new RoutedDenoiser(network, ThreeVariants(network));
        var (sample, timestep, _) = SomeNetwork.Question(network);

        Assert.Throws<ArgumentException>(
            () => routed.Predict(sample, timestep, null, new LayerControl { Run = new bool[network.Layers.Count] }));
    }

    [Fact]
    public void A_routed_folder_predicts_and_counts_as_before()
    {
        using var folder = new TemporaryFolder();
        using var before = PrunedModel.Of(SomeNetwork.UNet(), ThreeVariants(SomeNetwork.UNet()), SomeNetwork.Scheduler);
        var (sample, timestep, _) = SomeNetwork.Question(before.Model);

        PrunedModel.Save(folder.Path, before.Inner, before.Plan, SomeNetwork.Scheduler);
        using var after = PrunedModel.Load(folder.Path);

        var (expected, answer) = (before.Model.Predict(sample, timestep), after.Model.Predict(sample, timestep));
        Assert.Equal(0, SomeNetwork.Distance(expected, answer));
        Assert.Equal(before.MeanMacs, after.MeanMacs);
        Assert.Equal(
            ["config.json", "diffusion_pytorch_model.safetensors", "pruning_plan.json", "scheduler_config.json"],
            folder.Files);
    }

    /// <summary>Stages [0, 5), [5, 10), [10, 20) of which the second and third leave out one layer each.</summary>
    private static PruningPlan ThreeVariants(Denoiser network) => PruningPlan.FromMasks("alter", network.Layers,
        [.. Enumerable.Range(0, 20).Select(t => (IReadOnlyList<bool>)[.. network.Layers.Select(layer =>
            layer.Index != (t < 5 ? -1 : t < 10 ? 1 : 3))])], 0.9);

    private static LayerControl Mask(PruningPlan plan, Denoiser network, int variant) =>
        new() { Run = plan.RunMask(variant, network.Layers) };
}

using Mlops.Diffusion.Models;
using Mlops.Diffusion.Weights;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;
using Mlops.SparseExport;
using Mlops.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Plans;

/// <summary>Variants of a plan that run on weights of their own.</summary>
public sealed class WeightPacksTests : IDisposable
{
    private const string Skipped = "mid_block.attentions.0";

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _noGrad = no_grad();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _noGrad.Dispose();
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_variant_answers_as_a_network_with_the_weights_of_its_pack()
    {
        using var dense = SomeNetwork.UNet(1);
        using var tuned = SomeNetwork.UNet(2);
        using var other = SomeNetwork.UNet(3);
        using var model = Model(dense, ("tuned", tuned), ("other", other));
        var (sample, timestep, _) = SomeNetwork.Question(dense);
        var without = LayerControl.Without(
            dense.Layers.Single(layer => layer.Name == Skipped).Index, dense.Layers);

        var mixed = model.Model.Predict(sample, timestep);

        // To and fro: what one pack replaced the next one gives back.
        for (var round = 0; round < 2; round++)
            for (var i = 0; i < 3; i++)
            {
                var (x, t) = (sample.narrow(0, i, 1), timestep.narrow(0, i, 1));
                var expected = i == 0 ? dense.Predict(x, t)
                    : i == 1 ? tuned.Predict(x, t, control: without)
                    : other.Predict(x, t);
                Assert.Equal(0, SomeNetwork.Distance(expected, model.Model.Predict(x, t)), 1e-6);
                Assert.Equal(0, SomeNetwork.Distance(expected, mixed.narrow(0, i, 1)), 1e-5);
            }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_written_answers_alike_when_it_is_read(bool pruned)
    {
        using var dense = SomeNetwork.UNet(1);
        using var tuned = SomeNetwork.UNet(2);
        using var other = SomeNetwork.UNet(3);
        using var model = Model(dense, ("tuned", tuned), ("other", other));
        if (pruned)
            PrunedFolder.Save(_folder.Path, model.Inner, model.Plan!, SomeNetwork.Scheduler, model.Packs);
        else
            PrunedModel.Save(_folder.Path, model.Inner, model.Plan, SomeNetwork.Scheduler, model.Packs);
        if (pruned)
            File.WriteAllText(_folder.File("scheduler_config.json"), SomeNetwork.Scheduler);
        var (sample, timestep, _) = SomeNetwork.Question(dense);

        using var read = PrunedModel.Load(_folder.Path);

        Assert.Equal(
            model.Model.Predict(sample, timestep).bytes.ToArray(),
            read.Model.Predict(sample, timestep).bytes.ToArray());
        Assert.Equal(model.Parameters, read.Parameters);
        Assert.Equal(Count(dense) + (2 * Count(other)), read.Parameters);
    }

    [Fact]
    public void Every_variant_is_an_onnx_file_with_its_own_weights()
    {
        using var dense = SomeNetwork.UNet(1);
        using var tuned = SomeNetwork.UNet(2);
        using var other = SomeNetwork.UNet(3);
        using var model = Model(dense, ("tuned", tuned), ("other", other));
        PrunedFolder.Save(_folder.Path, model.Inner, model.Plan!, SomeNetwork.Scheduler, model.Packs);
        File.WriteAllText(_folder.File("scheduler_config.json"), SomeNetwork.Scheduler);

        // Compares each file with its network.
        SparseExporter.Convert(_folder.Path, ExportFormat.Onnx, _folder.File("onnx"), new Progress<JobProgress>());

        var files = ExportRecord.Load(_folder.File("onnx"))!.Onnx!.Files;
        Assert.Equal(3, files.Count);
        var bytes = files.Select(file => File.ReadAllBytes(_folder.File($"onnx/{file.Path}"))).ToArray();
        foreach (var (network, file) in new[] { dense, tuned, other }.Zip(bytes))
            Assert.True(file.AsSpan().IndexOf(network.Present().Single(
                weight => weight.Name == "conv_in.weight").Value.bytes) > 0);
    }

    [Fact]
    public void Layers_that_every_variant_replaces_are_not_stored_twice()
    {
        using var dense = SomeNetwork.UNet(1);
        using var tuned = SomeNetwork.UNet(2);
        const string Layer = "conv_out";
        var own = Present(tuned).Where(entry => entry.Key.StartsWith(Layer)).ToDictionary();
        var plan = PruningPlan.FromTable(
            "x", [.. Enumerable.Range(0, 20).Select(t => new PlanVariant([], null, t < 10 ? "a" : "b"))], 1);
        using var packs = Packs(("a", own), ("b", own.ToDictionary(each => each.Key, each => each.Value * 2)));
        PrunedFolder.Save(_folder.Path, dense, plan, SomeNetwork.Scheduler, packs);

        using var read = PrunedModel.Load(_folder.Path);

        Assert.Contains(
            read.Inner.named_parameters(), each => each.name == "conv_out.bias" && each.parameter.IsAbsent());
        Assert.Equal(Count(dense) + own.Values.Sum(value => value.numel()), read.Parameters);
        var (sample, timestep, _) = SomeNetwork.Question(dense);
        using var expected = ModelFamily.Clone(dense);
        expected.SetAll((name, _) => own.TryGetValue(name, out var value) ? value * 2 : null);
        Assert.Equal(0, SomeNetwork.Distance(
            expected.Predict(sample, tensor([15L])), read.Model.Predict(sample, tensor([15L]))), 1e-6);
    }

    /// <summary>Narrower heads are scaled for diffusers, whichever weights they have.</summary>
    [Fact]
    public void Packs_of_narrower_heads_are_stored_as_the_networks_own_weights_are()
    {
        using var dense = SomeNetwork.UNet(1);
        using var slicer = NetworkSlicer.Of(dense);
        SequentialPruning.Run(slicer, 0.3, MagnitudeScore.Of);
        using var narrow = ModelFamily.Clone(dense);
        slicer.ApplyTo(narrow);
        var plan = PruningPlan.FromTable("x", [.. Enumerable.Range(0, 20).Select(
            t => new PlanVariant([], slicer.Kept, t < 10 ? null : "tuned"))], 0.7);
        using var packs = Packs(("tuned", Present(narrow)));
        PrunedFolder.Save(_folder.Path, narrow, plan, SomeNetwork.Scheduler, packs);
        var (sample, timestep, _) = SomeNetwork.Question(dense);

        using var read = PrunedModel.Load(_folder.Path);
        using var stored = StoredTensors.OpenIn(_folder.Path, "model");

        const string Query = "mid_block.attentions.0.to_q.weight";
        Assert.Equal(stored.Read(Query).bytes.ToArray(), stored.Read($"tuned/{Query}").bytes.ToArray());
        Assert.NotEqual(Present(narrow)[Query].bytes.ToArray(), stored.Read(Query).bytes.ToArray());
        Assert.InRange(
            SomeNetwork.Distance(narrow.Predict(sample, timestep), read.Model.Predict(sample, timestep)), 0, 1e-5);
    }

    [Fact]
    public void A_pack_is_let_go_of_before_the_next_one_is_read()
    {
        using var dense = SomeNetwork.UNet(1);
        List<Tensor> held = [];
        using var packs = new WeightPacks(
            new Dictionary<string, IReadOnlyList<string>> { ["a"] = ["conv_out.bias"], ["b"] = ["conv_out.bias"] },
            _ =>
            {
                Assert.All(held, weight => Assert.True(weight.IsInvalid));
                return new Dictionary<string, Tensor> { ["conv_out.bias"] = Present(dense)["conv_out.bias"] + 1 };
            });

        foreach (var pack in (string[])["a", "b", "a"])
            held.Add(packs.Network(dense, pack).Present().Single(weight => weight.Name == "conv_out.bias").Value);

        Assert.Equal([true, true, false], held.Select(weight => weight.IsInvalid));
    }

    [Fact]
    public void Packs_that_are_missing_or_of_another_model_are_refused()
    {
        using var dense = SomeNetwork.UNet(1);
        var plan = PruningPlan.Constant("x", 20, new PlanVariant([], null, "tuned"), 1);
        using var foreign = Packs(("tuned", new() { ["block.weight"] = zeros(2) }));

        Assert.Contains("runs on the weights 'tuned', which are not beside it", Assert.Throws<InvalidDataException>(
            () => PrunedModel.Of(dense, plan)).Message);
        Assert.Contains("have a tensor \"block.weight\" that this model lacks", Assert.Throws<InvalidDataException>(
            () => PrunedModel.Of(dense, plan, packs: foreign).Model.Predict(
                SomeNetwork.Question(dense).Sample, tensor([1L]))).Message);
        Assert.Contains("has the pack 'a/b' in variant 0, which is no name", Assert.Throws<InvalidDataException>(
            () => PlanFile.FromJson(PlanFile.ToJson(plan).Replace("tuned", "a/b"), "plan")).Message);
    }

    /// <summary>Of 20 timesteps the first are dense; then a layer is skipped on the first pack, then all run on the
    /// second one.</summary>
    private static PrunedModel Model(Denoiser dense, params (string Name, Denoiser Network)[] packs) => PrunedModel.Of(
        ModelFamily.Clone(dense),
        PruningPlan.FromTable("x", [.. Enumerable.Range(0, 20).Select(t => t < 5 ? PlanVariant.Dense
            : t < 10 ? new PlanVariant([Skipped], null, packs[0].Name)
            : new PlanVariant([], null, packs[1].Name))], 0.9),
        SomeNetwork.Scheduler,
        Packs([.. packs.Select(pack => (pack.Name, Present(pack.Network)))]));

    private static WeightPacks Packs(params (string Name, Dictionary<string, Tensor> Tensors)[] packs) => new(
        packs.ToDictionary(pack => pack.Name, pack => (IReadOnlyList<string>)[.. pack.Tensors.Keys]),
        name => packs.Single(pack => pack.Name == name).Tensors
            .ToDictionary(each => each.Key, each => each.Value.clone()));

    private static Dictionary<string, Tensor> Present(Denoiser network) =>
        network.Present().ToDictionary(weight => weight.Name, weight => weight.Value.detach());

    private static long Count(Denoiser network) => network.Present().Sum(weight => weight.Value.numel());
}

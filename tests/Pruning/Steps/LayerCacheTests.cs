using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Steps;

public sealed class LayerCacheTests
{
    private const int Steps = 7;

    public static TheoryData<string, string, double> Tables()
    {
        var data = new TheoryData<string, string, double>();
        foreach (var model in (string[])["unet", "dit"])
            foreach (var table in (string[])["all", "inner", "ragged"])
                foreach (var guidance in model == "dit" ? (double[])[1, 2.5] : [1])
                    data.Add(model, table, guidance);
        return data;
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void Layers_are_carried_on_as_by_a_sampler_that_keeps_everything(
        string model, string table, double guidance)
    {
        using var scope = NewDisposeScope();
        using var network = model == "unet" ? SomeNetwork.UNet() : SomeNetwork.DiT();
        var actions = Actions(network, table);
        var problem = SomeProblem.WithLayers(network, Steps, guidance);
        var probes = Probes.Draw(network, 3, "layers", 2);

        var sampled = problem.Sample(actions, probes, default);

        Assert.InRange(SomeNetwork.Distance(ByHand(network, problem, actions, probes), sampled), 0, 1e-5);
        Assert.True(SomeNetwork.Distance(problem.Sample(null, probes, default), sampled) > 1e-3);
    }

    [Fact]
    public void A_table_whose_layers_always_run_is_plain_sampling_bit_for_bit_and_one_run_leaves_nothing_to_the_next()
    {
        using var scope = NewDisposeScope();
        using var network = SomeNetwork.UNet();
        var problem = SomeProblem.WithLayers(network, Steps);
        var actions = Actions(network, "all");
        var sampler = StepRun.Sampler(
            problem.Table(actions), problem.CreateScheduler(), new SamplerOptions(Steps, problem.Seed, BatchSize: 2), 1,
            null, control => Guidance.Of(network, 1, control));
        var noise = Probes.Draw(network, 4, "layers", 4).Noise;

        var together = sampler.Sample(problem.Network, noise);
        var again = sampler.Sample(problem.Network, noise.narrow(0, 2, 2));
        var whole = problem.Sample([.. Enumerable.Repeat(new StepAction.Run(), Steps)], new(noise, null), default);

        Assert.Equal(0, (together.narrow(0, 2, 2) - again).abs().max().item<float>());
        Assert.Equal(0, (whole - problem.Sample(null, new(noise, null), default)).abs().max().item<float>());
    }

    [Theory]
    [InlineData("unet")]
    [InlineData("dit")]
    public void Layers_that_are_carried_on_do_not_run_and_what_runs_is_what_counts(string model)
    {
        using var scope = NewDisposeScope();
        using var network = model == "unet" ? SomeNetwork.UNet() : SomeNetwork.DiT();
        var problem = SomeProblem.WithLayers(network, Steps);
        var actions = Actions(network, "ragged");
        var (step, ran) = (-1, new List<(int Step, string Layer)>());
        var sampler = StepRun.Sampler(
            problem.Table(actions), problem.CreateScheduler(), new SamplerOptions(Steps, 1), 1, null, control =>
            {
                step++;
                return Guidance.Of(network, 1, new LayerControl
                {
                    Cache = control.Cache, Observe = (layer, _, _) => ran.Add((step, layer.Name)),
                });
            });

        sampler.Sample(problem.Network, Probes.Draw(network, 1, "layers", 1).Noise, network.LabelsInTurn(0, 1));

        var expected = Enumerable.Range(0, Steps).SelectMany(at => network.Layers
            .Where(layer => !CarriedAt(actions[at]).Contains(layer.Name)).Select(layer => (at, layer.Name)));
        Assert.Equal(expected, ran);
        var whole = MacCounter.Count(network);
        var left = actions.Sum(action => whole.Macs - CarriedAt(action).Sum(name => whole.Modules
            .Where(module => module.Name == name || module.Name.StartsWith(name + "."))
            .Where(module => !module.Name.EndsWith("conv_shortcut")).Sum(module => module.Macs)));
        // The embedder of a transformer's first block is counted there, and also serves the output.
        var embedder = actions.Count(action => CarriedAt(action).Contains("transformer_blocks.0"))
            * whole.Modules.Where(module => module.Name.StartsWith("transformer_blocks.0.norm1.emb."))
                .Sum(module => module.Macs) / 2;
        var costs = StepCosts.Tabled(problem.Table(actions), null, network);
        Assert.Equal(((double)(left + embedder), Steps), (costs.Macs, costs.Calls));
    }

    [Fact]
    public void A_plan_that_leaves_something_out_and_a_network_without_the_layer_are_refused()
    {
        using var network = SomeNetwork.UNet();
        var table = SomeProblem.WithLayers(network, Steps).Table(
            UniformSteps.Create(Steps, 2, new StepAction.Partial(LayerCarry.Residual, ["mid_block.resnets.7"], 0)));
        var dense = PruningPlan.Constant("layer-reuse", 20, PlanVariant.Dense, 1).WithSteps(table);

        var skipping = Assert.Throws<InvalidDataException>(
            () => PruningPlan.Constant("layer-reuse", 20, new PlanVariant(["a"]), 1).WithSteps(table));
        var unknown = Assert.Throws<InvalidDataException>(
            () => PrunedModel.Of(network, dense, SomeNetwork.Scheduler));
        var resampler = Assert.Throws<InvalidDataException>(() => (table with
        {
            Actions =
                [new StepAction.Run(), new StepAction.Partial(LayerCarry.Residual, ["up_blocks.0.upsamplers.0"], 0)],
        }).CheckLayers(network));

        Assert.EndsWith("needs a plan that leaves nothing out", skipping.Message);
        Assert.StartsWith("the step table carries on 'mid_block.resnets.7', but this model has no", unknown.Message);
        Assert.Contains("'up_blocks.0.upsamplers.0', but this model has no such layer with a resi", resampler.Message);
    }

    [Fact]
    public void The_inner_part_of_a_unet_is_what_the_outermost_skip_connections_leave()
    {
        using var network = SomeNetwork.UNet();
        string[] Run(int outer) => [.. network.Cacheable.Select(layer => layer.Name)
            .Except(LayerPatterns.Inner(network, outer).Layers)];
        string[] decoder = ["up_blocks.1.resnets.0", "up_blocks.1.resnets.1", "up_blocks.1.resnets.2"];
        string[] encoder = ["down_blocks.0.resnets.0", "down_blocks.0.resnets.1", "down_blocks.0.downsamplers.0"];

        Assert.Equal(decoder[2..], Run(1));
        Assert.Equal([.. encoder[..1], .. decoder[1..]], Run(2));
        Assert.Equal([.. encoder[..2], .. decoder], Run(3));
        Assert.Equal(
            [
                .. encoder, "up_blocks.0.resnets.2", "up_blocks.0.attentions.2", "up_blocks.0.upsamplers.0", .. decoder,
            ],
            Run(4));
    }

    [Fact]
    public void A_transformers_inner_part_is_what_stands_between_its_ends()
    {
        using var network = SomeNetwork.DiT();

        var inner = LayerPatterns.Inner(network, 1);
        var refusal = Assert.Throws<InvalidDataException>(() => LayerPatterns.Inner(network, 2));

        Assert.Equal((LayerCarry.Residual, "transformer_blocks.1"), (inner.Carry, Assert.Single(inner.Layers)));
        Assert.Equal("option 'outer' is 2, which leaves no layer of this model inside", refusal.Message);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public void As_many_whole_runs_as_a_budget_holds_and_no_more(double beta)
    {
        using var network = SomeNetwork.DiT();
        var between = LayerPatterns.Inner(network, 1) with { Beta = beta };
        var table = SomeProblem.WithLayers(network, Steps).Table(UniformSteps.Create(20, 2, between));
        var (dense, part) = (StepCosts.Dense(network, 20).Macs, StepCosts.Partial(network, between));
        double Costs(int runs) => StepCosts.Tabled(
            table with { Actions = UniformSteps.Create(20, runs, between) }, null, network).Macs / dense;

        var runs = LayerPatterns.Runs(network, between, 20, 0.9);
        var refusal = Assert.Throws<InvalidDataException>(() => LayerPatterns.Runs(network, between, 20, 0.5));

        Assert.True(Costs(runs) <= 0.9 && Costs(runs + 1) > 0.9);
        var least = Math.Ceiling(1000 * Costs(beta == 0 ? 1 : 2)) / 1000;
        Assert.Equal(
            "total-macs 0.5 cannot be kept, because what runs at each of the 20 steps takes "
            + FormattableString.Invariant($"{20 * part / dense:0.0%} of this model's MACs; ask for at least {least}"),
            refusal.Message);
        Assert.Equal(beta == 0 ? 1 : 2, LayerPatterns.Runs(network, between, 20, least));
    }

    [Theory]
    [InlineData("unet", 0.5)]
    [InlineData("unet", 0.7)]
    [InlineData("dit", 0.3)]
    public void Layers_run_where_their_residuals_change_most_within_the_budget(string model, double share)
    {
        using var scope = NewDisposeScope();
        using var network = model == "unet" ? SomeNetwork.UNet() : SomeNetwork.DiT();
        var idle = network.Layers[^1].Name;
        using (no_grad())
            foreach (var (name, weight) in network.Present())
                if (name.StartsWith($"{idle}.conv2.") || name.StartsWith($"{idle}.norm1.linear."))
                    weight.zero_();
        var problem = SomeProblem.WithLayers(network, Steps) with { Steps = 12 };
        var budget = StepBudget.Macs(share, 12 * MacCounter.Count(network).Macs);

        var table = problem.Table(
            LayerThreshold.Create(problem, Probes.Draw(network, 1, "layers", 2), budget, default));

        var left = StepCosts.Tabled(table.Checked("here"), null, network).Macs;
        Assert.InRange(left, 0.8 * budget, budget);
        Assert.IsType<StepAction.Run>(table.Actions[0]);
        // What adds nothing need not run again.
        Assert.All(table.Actions.Skip(1), action => Assert.Contains(idle, CarriedAt(action)));
    }

    private static IReadOnlyList<string> CarriedAt(StepAction action) =>
        action is StepAction.Partial partial ? partial.Layers : [];

    private static StepAction[] Actions(Denoiser network, string table)
    {
        var all = LayerPatterns.All(network, 0.8);
        var run = new StepAction.Run();
        var odd = all with { Layers = [.. all.Layers.Where((_, index) => index % 2 == 1)] };
        return table switch
        {
            "all" => [run, all, run, all, all with { Beta = 0 }, run, all],
            "inner" => [.. UniformSteps.Create(Steps, 3, LayerPatterns.Inner(network, 1))],
            _ => [run, odd, all, run, odd with { Beta = -0.5 }, all, all with { Layers = [.. all.Layers.Skip(1)] }],
        };
    }

    // Keeps what every layer added at every step, and looks up what the formula asks for.
    private static Tensor ByHand(Denoiser network, StepProblem problem, StepAction[] actions, Probes probes)
    {
        using var noGrad = no_grad();
        var kept = new Dictionary<(string Layer, int Step), Tensor>();
        var step = 0;
        var control = new LayerControl
        {
            Cache = (name, bypass, layer) =>
            {
                var whole = actions.OfType<StepAction.Partial>().First().Carry == LayerCarry.Output;
                var beside = whole ? null : bypass();
                if (!CarriedAt(actions[step]).Contains(name))
                {
                    var output = layer(null);
                    // A resampler adds to nothing.
                    if (whole || beside!.shape[2] == output.shape[2])
                        kept[(name, step)] = (whole ? output.clone() : output - beside!).DetachFromDisposeScope();
                    return output;
                }

                var ran = kept.Keys.Where(key => key.Layer == name).Select(key => key.Step).Order().TakeLast(2)
                    .ToArray();
                var value = kept[(name, ran[^1])];
                var beta = ((StepAction.Partial)actions[step]).Beta * (step - ran[^1]) / Math.Max(1, ran[^1] - ran[0]);
                value = value + ((value - kept[(name, ran[0])]) * beta);
                return whole ? value : beside! + value;
            },
        };
        var scheduler = problem.CreateScheduler();
        scheduler.SetTimesteps(actions.Length);
        var predict = Guidance.Of(network, problem.Guidance, control);
        var state = probes.Noise;
        for (; step < actions.Length; step++)
        {
            var output = predict(
                scheduler.ScaleModelInput(state, step), tensor([(long)scheduler.Timesteps[step]]), probes.Labels);
            state = scheduler.Step(output, step, state, null, StepOptions.Default);
        }

        return state;
    }
}

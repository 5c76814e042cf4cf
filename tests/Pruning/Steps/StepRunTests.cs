using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Steps;

public sealed class StepRunTests
{
    private static readonly string[] SchedulerClasses =
    [
        "DDIMScheduler", "DDPMScheduler", "EulerDiscreteScheduler", "DPMSolverMultistepScheduler",
        "FlowMatchEulerDiscreteScheduler",
    ];

    public static TheoryData<string> Samplers => ["ddim", "ddpm", "euler", "dpm-solver"];

    public static TheoryData<string, ForecastKind> Closed()
    {
        var data = new TheoryData<string, ForecastKind>();
        foreach (var scheduler in SchedulerClasses)
            foreach (var kind in Enum.GetValues<ForecastKind>())
                data.Add(scheduler, kind);
        return data;
    }

    [Theory]
    [MemberData(nameof(Samplers))]
    public void A_table_that_always_runs_is_plain_sampling_bit_for_bit(string sampler)
    {
        using var scope = NewDisposeScope();
        var problem = SomeProblem.Of(sampler, 7);
        var probes = SomeProblem.Probes(3, 1);

        var plain = problem.Sample(null, probes, default);
        var tabled = problem.Sample([.. Enumerable.Repeat(new StepAction.Run(), 7)], probes, default);

        Assert.Equal(0, (plain - tabled).abs().max().item<float>());
    }

    [Theory]
    [MemberData(nameof(Samplers))]
    public void A_trajectory_follows_a_table_as_a_sampler_does_whatever_it_followed_before(string sampler)
    {
        using var scope = NewDisposeScope();
        var problem = SomeProblem.Of(sampler, 8);
        var probes = SomeProblem.Probes(3, 1);
        var even = UniformSteps.Create(8, 3, new StepAction.Forecast(ForecastKind.Clean, 1));
        StepAction[] late =
            [.. even.Take(6), new StepAction.Run(), new StepAction.Forecast(ForecastKind.Noise, 0.5, Gamma: 0.25)];
        using var trajectory = Trajectory.Start(problem, probes);

        var all = UniformSteps.Create(8, 8, new StepAction.Run());
        foreach (var table in (IReadOnlyList<StepAction>[])[even, late, even, all])
        {
            var distance = trajectory.Follow(table, default) - problem.Sample(table, probes, default);
            Assert.InRange(distance.abs().max().item<float>(), 0, 1e-5);
        }
    }

    [Fact]
    public void The_network_is_called_where_the_table_runs_and_costs_are_those_calls()
    {
        using var scope = NewDisposeScope();
        var calls = 0;
        var problem = SomeProblem.Of("ddim", 8);
        var counted = problem with
        {
            Network = (x, t, labels) =>
            {
                calls++;
                return problem.Network(x, t, labels);
            },
        };
        var actions = UniformSteps.Create(8, 3, new StepAction.Forecast(ForecastKind.Clean, 1));
        using var network = SomeNetwork.UNet();

        counted.Sample(actions, SomeProblem.Probes(2, 1), default);

        var costs = StepCosts.Tabled(problem.Table(actions), null, network);
        Assert.Equal((3, 3), (calls, costs.Calls));
        Assert.Equal(3 / 8.0, costs.Macs / StepCosts.Dense(network, 8).Macs, 1e-12);
        Assert.Equal(6, StepCosts.Tabled(problem.Table(actions) with { Guidance = 2 }, null, network).Calls);
    }

    [Theory]
    [MemberData(nameof(Closed))]
    public void A_quantity_that_moves_evenly_is_forecast_exactly(string scheduler, ForecastKind kind)
    {
        using var scope = NewDisposeScope();
        var flow = scheduler.Contains("Flow", StringComparison.Ordinal);
        var kindOf = flow ? "" : """, "prediction_type": "v_prediction" """;
        var made = NoiseSchedulers.Parse($$"""{"_class_name": "{{scheduler}}"{{kindOf}}}""");
        made.SetTimesteps(10);
        var quantity = OutputForecast.Quantity(kind, made.Prediction);
        using var before = Snapshot(1);
        using var last = Snapshot(3);
        var input = randn([2, 1, 3, 3], generator: new Generator(9));

        var output = OutputForecast.Output(new(kind, 1), made.Prediction, [before, last], 6, input, made.LevelOf(6));

        var found = made.Prediction.Convert(quantity, output, input, made.LevelOf(6));
        Assert.InRange((found - Even(6)).abs().max().item<float>(), 0, 1e-3);

        // The quantity is 1 + 0.1·s at every pixel.
        Tensor Even(int step) => full([2, 1, 3, 3], 1 + (0.1 * step), float32);

        OutputSnapshot Snapshot(int step)
        {
            var x = randn([2, 1, 3, 3], generator: new Generator((ulong)step));
            var level = made.LevelOf(step);
            return new(step, quantity.Convert(made.Prediction, Even(step), x, level), x, level);
        }
    }

    // Slopes 6 and 2 by backward differences, so 16 + β·6·2 + γ·(6 − 2)/2·2²/2; with two runs only the slope.
    [Theory]
    [InlineData(3, 1, 1, 32)]
    [InlineData(3, 1, -0.5, 26)]
    [InlineData(3, 0, 1, 20)]
    [InlineData(2, 1, 1, 28)]
    [InlineData(3, 1, 0, 28)]
    public void Gamma_adds_half_the_change_of_the_slope_once_three_steps_have_run(
        int runs, double beta, double gamma, float found)
    {
        using var scope = NewDisposeScope();
        var made = NoiseSchedulers.Parse("""{"_class_name": "DDIMScheduler", "prediction_type": "v_prediction"}""");
        made.SetTimesteps(10);
        var input = zeros([1, 1, 1, 1]);
        OutputSnapshot[] history =
            [.. new[] { 0, 2, 4 }.Select(s => new OutputSnapshot(s, full([1, 1, 1, 1], (float)s * s), input, default))];

        var output = OutputForecast.Output(
            new(ForecastKind.Velocity, beta, gamma), made.Prediction, history[^runs..], 6, input, made.LevelOf(6));

        Assert.Equal(found, output.item<float>(), 1e-5f);
    }

    [Fact]
    public void Carrying_the_clean_sample_on_is_one_larger_step_of_ddim()
    {
        using var scope = NewDisposeScope();
        var problem = SomeProblem.Of("ddim", 4);
        var noise = SomeProblem.Probes(3, 1);
        var keep = new StepAction.Forecast(ForecastKind.Clean, 0);

        var tabled = problem.Sample([new StepAction.Run(), keep, keep, keep], noise, default);

        // x_0 of the first step never changes, so every later step ends where the first one points.
        var scheduler = problem.CreateScheduler();
        scheduler.SetTimesteps(4);
        var output = problem.Network(noise.Noise, tensor([(long)scheduler.Timesteps[0]]), null);
        var clean = PredictionKind.Velocity.Convert(PredictionKind.Sample, output, noise.Noise, scheduler.LevelOf(0));
        Assert.InRange((tabled - clean).abs().max().item<float>(), 0, 1e-3);
    }

    [Fact]
    public void One_run_leaves_nothing_to_the_next()
    {
        using var scope = NewDisposeScope();
        var problem = SomeProblem.Of("dpm-solver", 6);
        var actions = UniformSteps.Create(6, 2, new StepAction.Forecast(ForecastKind.Velocity, 1));
        var sampler = StepRun.Sampler(
            problem.Table(actions), problem.CreateScheduler(), new SamplerOptions(6, problem.Seed, BatchSize: 2));
        Tensor first = SomeProblem.Probes(2, 1).Noise, second = SomeProblem.Probes(2, 2).Noise;

        var together = sampler.Sample(problem.Network, cat([first, second], 0));
        var again = sampler.Sample(problem.Network, second);
        var fresh = problem.Sample(actions, new Probes(second, null), default);

        Assert.Equal(0, (together.narrow(0, 2, 2) - fresh).abs().max().item<float>());
        Assert.Equal(0, (again - fresh).abs().max().item<float>());
    }

    [Fact]
    public void A_step_runs_the_variant_that_the_table_names_whatever_the_timestep()
    {
        using var scope = NewDisposeScope();
        using var network = SomeNetwork.UNet();
        var skip = new PlanVariant([network.Layers[0].Name]);
        var table = Enumerable.Range(0, 20).Select(t => t < 10 ? PlanVariant.Dense : skip).ToArray();
        var steps = new StepTable(
            "ddim", 2, 1, false, StepAim.Sampler, [new StepAction.Run(0), new StepAction.Run(1)]);
        var plan = PruningPlan.FromTable("alter", table, 0.9);
        var scheduler = SomeNetwork.Scheduler;
        var noise = EqualNoise.Start(1, 0, 2, network.SampleShape.Channels, network.SampleShape.Height,
            network.SampleShape.Width);

        var routed = Sample(PrunedModel.Of(network, plan, scheduler));
        var tabled = Sample(PrunedModel.Of(network, plan.WithSteps(steps), scheduler));
        var swapped = Sample(PrunedModel.Of(network, plan.WithSteps(steps with
        {
            Actions = [new StepAction.Run(1), new StepAction.Run(0)],
        }), scheduler));

        // Timesteps fall, so the routing table runs variant 1 first.
        Assert.Equal(0, (swapped - routed).abs().max().item<float>());
        Assert.True((tabled - routed).abs().max().item<float>() > 0);

        Tensor Sample(PrunedModel model) => model
            .Sampler(NoiseSchedulers.Convert(NoiseSchedulers.Parse(scheduler), "DDIMScheduler"), new SamplerOptions(2))
            .Sample(Guidance.Plain(model.Model), noise);
    }

    [Theory]
    [InlineData("euler", 6, 1, false)]
    [InlineData("ddim", 5, 1, false)]
    [InlineData("ddim", 6, 2, false)]
    [InlineData("ddim", 6, 1, true)]
    public void A_run_of_another_kind_is_refused_before_it_starts(
        string sampler, int steps, double guidance, bool clipped)
    {
        var table = SomeProblem.Of("ddim", 6).Table(
            UniformSteps.Create(6, 3, new StepAction.Forecast(ForecastKind.Clean, 1)));

        var refusal = Assert.Throws<InvalidDataException>(() => StepRun.Sampler(
            table, SomeProblem.Of(sampler, steps).CreateScheduler(),
            new SamplerOptions(steps, Step: new StepOptions(UseClippedModelOutput: clipped)), guidance));

        Assert.StartsWith(
            "the step table is for ddim with 6 steps, guidance 1 and use-clipped-model-output off, but the run asks "
            + $"for {sampler} with {steps} steps, guidance {guidance}", refusal.Message);
    }
}

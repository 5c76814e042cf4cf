using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Steps;

public sealed class OwnTimestepsTests
{
    private static readonly int[] Uneven = [990, 700, 520, 300, 90, 20];

    public static TheoryData<string> Samplers => ["ddim", "ddpm", "euler", "dpm-solver"];

    [Theory]
    [MemberData(nameof(Samplers))]
    public void Those_that_the_sampler_takes_anyway_change_nothing(string sampler)
    {
        using var scope = NewDisposeScope();
        var problem = SomeProblem.Of(sampler, 10);
        var scheduler = problem.CreateScheduler();
        scheduler.SetTimesteps(10);
        var own = problem with { Timesteps = [.. scheduler.Timesteps.Select(t => (int)t)] };
        var probes = SomeProblem.Probes(3, 1);

        var (usual, given) = (problem.Sample(null, probes, default), own.Sample(null, probes, default));

        Assert.Equal(0, (usual - given).abs().max().item<float>(), 1e-6);
        Assert.Null(NoiseSchedulers.Spaced(problem.CreateScheduler(), "trailing", 10));
        Assert.Equal(900, NoiseSchedulers.Spaced(SomeProblem.Of("ddim", 10).CreateScheduler(), "leading", 10)![0]);
    }

    [Fact]
    public void Ddim_on_them_is_the_solver_of_order_one_that_stands_for_it_in_exports()
    {
        using var scope = NewDisposeScope();
        var problem = SomeProblem.Of("ddim", Uneven.Length) with
        {
            Timesteps = Uneven, Options = new StepOptions(UseClippedModelOutput: true),
        };
        var solver = problem with
        {
            Sampler = "dpm-solver", CreateScheduler = () => NoiseSchedulers.TakingTimesteps(problem.CreateScheduler()),
        };
        var probes = SomeProblem.Probes(3, 1);

        var difference = problem.Sample(null, probes, default) - solver.Sample(null, probes, default);

        Assert.InRange(difference.abs().max().item<float>(), 0, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Samplers))]
    public void A_trajectory_follows_a_table_on_them_as_a_sampler_does(string sampler)
    {
        using var scope = NewDisposeScope();
        var problem = SomeProblem.Of(sampler, Uneven.Length) with
        {
            Timesteps = Uneven, Options = new StepOptions(UseClippedModelOutput: true),
        };
        var probes = SomeProblem.Probes(3, 1);
        var table = UniformSteps.Create(Uneven.Length, 3, new StepAction.Forecast(ForecastKind.Clean, 1));
        using var trajectory = Trajectory.Start(problem, probes);

        var distance = trajectory.Follow(table, default) - problem.Sample(table, probes, default);

        Assert.InRange(distance.abs().max().item<float>(), 0, 1e-5);
        Assert.Equal(Uneven, problem.Table(table).Timesteps);
    }

    [Fact]
    public void Flow_matching_gets_noise_levels_that_its_shift_turns_into_them()
    {
        var scheduler = NoiseSchedulers.Parse(
            """{"_class_name": "FlowMatchEulerDiscreteScheduler", "num_train_timesteps": 1000, "shift": 3.0}""");

        scheduler.SetTimesteps(3, scheduler.GridOf([1000, 640, 7]));

        Assert.All(scheduler.Timesteps.Zip([1000, 640, 7]), pair => Assert.Equal(pair.Second, pair.First, 1e-3));
        Assert.Equal(0.64, scheduler.LevelOf(1).Sigma, 1e-6);
        Assert.Contains("lie in [1, 1000], not 0",
            Assert.Throws<ArgumentException>(() => scheduler.GridOf([1000, 0])).Message, StringComparison.Ordinal);
        Assert.Contains("has no timestep spacing 'trailing'", Assert.Throws<ArgumentException>(
            () => NoiseSchedulers.Spaced(scheduler, "trailing", 3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_solver_search_takes_what_is_nearest_to_the_truth_and_goes_on_from_its_text()
    {
        using var scope = NewDisposeScope();
        var (fine, dense) = (SomeProblem.Of("ddim", 100), SomeProblem.Of("ddim", 8));
        (string, StepProblem)[] candidates =
        [
            .. from sampler in (string[])["ddim", "dpm-solver"]
               from steps in (int[])[4, 8]
               select ("usual", SomeProblem.Of(sampler, steps) with { Dense = dense }),
        ];
        using var search = new SolverSearch(
            fine, candidates, new(StepMethod.SolverSearch, 4, StepAim.Fine, Signs: 4),
            purpose => SomeProblem.Probes(8, purpose.Length));
        var (whole, resumed) = (new SolverSearchState([]), new SolverSearchState([]));

        while (!search.IsFinished(whole))
            whole = search.Next(whole, default);
        while (!search.IsFinished(resumed))
            resumed = search.Next(SolverSearchState.FromJson(resumed.ToJson()), default);

        var report = search.Finish(resumed, default);
        Assert.Equal(search.Finish(whole, default).Best.Table, report.Best.Table);
        Assert.Equal(1, search.Progress(whole), 1e-9);
        Assert.Equal((8, 4), (report.Best.Table.DenseSteps, report.Best.Table.Runs));
        // Two with a table that is searched and fitted, two with as many steps as may run.
        Assert.Equal(8, report.Solvers!.Count);
        Assert.Equal(report.Best.Loss, report.Solvers.Min(solver => solver.OnFresh));
        Assert.All(report.Solvers, solver => Assert.Equal(4, solver.Calls));
        Assert.True(report.Evaluations > report.Solvers.Max(solver => solver.Evaluations));
        var few = RelativeError.Mean(
            SomeProblem.Of("dpm-solver", 4).Sample(null, SomeProblem.Probes(32, 99), default),
            fine.Sample(null, SomeProblem.Probes(32, 99), default));
        Assert.InRange(report.Best.Loss, 0, few);
        var said = report.ToFile().Choice!;
        Assert.StartsWith($"the solver search took {report.Best.Name} (", said, StringComparison.Ordinal);
        Assert.Contains("; all with 4 calls of the network, after ", said, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => SolverSearchState.FromJson(whole.ToJson()[..40]));
    }
}

using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Steps;

public sealed class FactorFitTests
{
    [Fact]
    public void Betas_of_a_linear_problem_are_its_least_squares()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        // x = Σ β·j over three forecasts, and a target that no β reaches.
        var directions = randn([3, 24], float64, CPU, generator: generator);
        var target = randn([6, 4], float64, CPU, generator: generator) * 0.3;
        StepAction[] table = [new StepAction.Run(), Forecast(0), Forecast(1), new StepAction.Run(), Forecast(0.5)];

        var fitted = FactorFit.Fit(table, Sample, target);

        var best = linalg.lstsq(directions.t(), target.flatten().unsqueeze(1)).Solution.flatten();
        var found = Betas(fitted);
        for (var i = 0; i < 3; i++)
            Assert.Equal(best[i].item<double>(), found[i], 2e-3);
        Assert.Equal(table[0], fitted[0]);
        Assert.InRange(Loss(fitted), 0, Loss(table) * 0.999);

        Tensor Sample(IReadOnlyList<StepAction> actions) =>
            directions.t().mv(tensor(Betas(actions))).reshape(6, 4);

        double Loss(IReadOnlyList<StepAction> actions) => RelativeError.Mean(Sample(actions), target);
    }

    [Fact]
    public void Where_one_beta_ends_at_its_limit_the_others_are_the_least_squares_of_what_is_left()
    {
        using var scope = NewDisposeScope();
        var directions = tensor(new double[,] { { 1, 0, 0 }, { 0.9, 0.3, 0 } });
        // Without limits the betas would be 10 and -3, and -3 the wrong answer to a first of 4.
        var target = tensor(new double[,] { { 7.3, -0.9, 0.2 } });
        StepAction[] table = [new StepAction.Run(), Forecast(1), Forecast(1)];

        var found = Betas(FactorFit.Fit(
            table, actions => directions.t().mv(tensor(Betas(actions))).unsqueeze(0), target));

        Assert.Equal(StepTable.MaxBeta, found[0]);
        Assert.Equal(((0.9 * (7.3 - StepTable.MaxBeta)) - (0.3 * 0.9)) / 0.9, found[1], 2e-3);
    }

    [Theory]
    [InlineData("ddim", 8, 4)]
    [InlineData("dpm-solver", 10, 4)]
    public void A_fitted_table_runs_at_the_same_steps_and_is_nearer_than_any_beta_moved_alone(
        string sampler, int steps, int runs)
    {
        using var scope = NewDisposeScope();
        var (problem, probes) = (SomeProblem.Of(sampler, steps), SomeProblem.Probes(12, 2));
        var table = UniformSteps.Create(steps, runs, new StepAction.Forecast(ForecastKind.Clean, 1));
        var target = problem.Sample(null, probes, default);
        using var tried = Trajectory.Start(problem, probes);

        var fitted = FactorFit.Fit(table, actions => tried.Follow(actions, default), target);

        Assert.Equal(table.Select(action => action.GetType()), fitted.Select(action => action.GetType()));
        var (before, after) = (Loss(table), Loss(fitted));
        Assert.InRange(after, 0, before * 0.9);
        foreach (var (step, action) in fitted.Index())
            foreach (var by in (double[])[-0.25, 0.25])
                if (action is StepAction.Forecast forecast)
                {
                    var (beta, gamma) = (forecast.Beta + by, forecast.Gamma == 0 ? 0 : forecast.Gamma + by);
                    Assert.InRange(Loss(With(step, forecast with { Beta = beta })), after * 0.95, double.MaxValue);
                    // The last rounds would still turn the γ a little.
                    Assert.InRange(Loss(With(step, forecast with { Gamma = gamma })), after * 0.9, double.MaxValue);
                }

        StepAction[] With(int step, StepAction action) =>
            [.. fitted.Select((each, index) => index == step ? action : each)];

        double Loss(IReadOnlyList<StepAction> actions) =>
            RelativeError.Mean(problem.Sample(actions, probes, default), target);
    }

    [Fact]
    public void Gammas_make_a_table_nearer_once_three_steps_have_run()
    {
        using var scope = NewDisposeScope();
        var (problem, probes) = (SomeProblem.Of("dpm-solver", 12), SomeProblem.Probes(12, 2));
        var table = UniformSteps.Create(12, 6, new StepAction.Forecast(ForecastKind.Clean, 1));
        var target = problem.Sample(null, probes, default);
        using var tried = Trajectory.Start(problem, probes);
        var done = new List<double>();

        var fitted = FactorFit.Fit(table, actions => tried.Follow(actions, default), target, done.Add);

        Assert.Equal(0, done[0]);
        Assert.Equal(done.Order().Distinct(), done);
        Assert.InRange(done[^1], 0.2, 1);
        var forecasts = fitted.Index().Where(each => each.Item is StepAction.Forecast).ToArray();
        var curved = forecasts.Where(each => ((StepAction.Forecast)each.Item).Gamma != 0).Select(each => each.Index);
        Assert.All(forecasts, each => Assert.Equal(
            fitted.Take(each.Index).Count(action => action is StepAction.Run) >= 3, curved.Contains(each.Index)));
        var straight = fitted.Select(action => action is StepAction.Forecast forecast
            ? forecast with { Gamma = 0 } : action).ToArray();
        var refitted = FactorFit.Fit(
            straight, actions => tried.Follow(
                [.. actions.Select(action => action is StepAction.Forecast all ? all with { Gamma = 0 } : action)],
                default), target);
        Assert.InRange(Loss(fitted), 0, Loss(refitted) * 0.8);

        double Loss(IReadOnlyList<StepAction> actions) =>
            RelativeError.Mean(problem.Sample(actions, probes, default), target);
    }

    [Fact]
    public void A_table_without_a_beta_or_with_samples_that_are_no_numbers_is_left_alone()
    {
        StepAction[] runs = [new StepAction.Run(), new StepAction.Run()];
        StepAction[] broken = [new StepAction.Run(), Forecast(1)];
        using var target = ones(2, 3);

        Assert.Same(runs, FactorFit.Fit(runs, _ => throw new InvalidOperationException("nothing to fit"), target));
        Assert.Same(broken, FactorFit.Fit(broken, _ => full([2, 3], double.NaN), target));
    }

    private static StepAction.Forecast Forecast(double beta) => new(ForecastKind.Clean, beta);

    private static double[] Betas(IReadOnlyList<StepAction> actions) =>
        [.. actions.OfType<StepAction.Forecast>().Select(forecast => forecast.Beta)];
}

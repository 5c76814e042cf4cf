using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>The tables of methods that search nothing, which is what a search must beat.</summary>
/// <param name="problem">Network and sampler.</param>
/// <param name="settings">The way, and its budget.</param>
/// <param name="probes">Noises for a purpose; they belong to the caller's dispose scope.</param>
internal sealed class BaselineTables(StepProblem problem, StepSearchSettings settings, Func<string, Probes> probes)
{
    /// <summary>The table, and how many network evaluations of one sample it took.</summary>
    public (IReadOnlyList<StepAction> Actions, long Evaluations) Make(CancellationToken cancellationToken)
    {
        var native = OutputForecast.Native(problem.CreateScheduler().Prediction);
        return settings.Method switch
        {
            StepMethod.UniformReuse => (Even(new StepAction.Forecast(native, 0)), 0),
            StepMethod.UniformForecast => (
                Even(new StepAction.Forecast(native, Beta: 1, Gamma: settings.Order - 1)), 0),
            StepMethod.LayerReuse or StepMethod.LayerForecast or StepMethod.InnerReuse => (Even(settings.Between!), 0),
            StepMethod.RandomReuse => (
                Affordable(runs => UniformSteps.Random(problem.Steps, runs, problem.Seed, new(native, 0))), 0),
            StepMethod.FewerSteps => ([.. Enumerable.Repeat(new StepAction.Run(), settings.Runs)], 0),
            StepMethod.Threshold => ByOutput(cancellationToken),
            StepMethod.LayerThreshold => ByLayers(cancellationToken),
            _ => throw new InvalidOperationException($"{settings.Method} searches for its table"),
        };
    }

    private IReadOnlyList<StepAction> Even(StepAction between) =>
        Affordable(runs => UniformSteps.Create(problem.Steps, runs, between));

    private (IReadOnlyList<StepAction> Actions, long Evaluations) ByOutput(CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var set = probes(StepSearch.Damages);
        using var dense = Trajectory.Record(problem, set, cancellationToken);
        return (Affordable(runs => ThresholdSteps.Create(dense, runs)), (long)set.Count * problem.Steps);
    }

    private (IReadOnlyList<StepAction> Actions, long Evaluations) ByLayers(CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var set = probes(StepSearch.Damages);
        return (
            LayerThreshold.Create(problem, set, settings.Cap, cancellationToken), (long)set.Count * problem.Steps);
    }

    // Runs of a given model that routes cost unequally: fewer of them where they fall on dear steps.
    private IReadOnlyList<StepAction> Affordable(Func<int, IReadOnlyList<StepAction>> table)
    {
        var runs = settings.Runs;
        var actions = table(runs);
        while (runs > settings.Fewest && problem.Price(actions) > settings.Cap)
            actions = table(--runs);
        return actions;
    }
}

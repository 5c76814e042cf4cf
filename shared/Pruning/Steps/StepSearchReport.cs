namespace Mlops.Pruning.Steps;

/// <summary>A table and its measured loss on noises that nothing was tuned on.</summary>
public sealed record StepCandidate(string Name, double Loss, StepTable Table);

/// <summary>What a search found.</summary>
/// <param name="Method">The way it was made.</param>
/// <param name="Best">The table that was chosen, with its measured loss.</param>
/// <param name="Candidates">All that it was chosen from.</param>
/// <param name="Predicted">What the dynamic program predicted; null for other methods.</param>
/// <param name="Front">Its prediction for every budget.</param>
/// <param name="Evaluations">Samples that went through the network; a pass back counts as two.</param>
/// <param name="CheckProbes">Noises of the measurement.</param>
public sealed record StepSearchReport(
    StepMethod Method, StepCandidate Best, IReadOnlyList<StepCandidate> Candidates, double? Predicted,
    IReadOnlyList<FrontPoint> Front, long Evaluations, int CheckProbes)
{
    /// <summary>Every solver that was tried, the nearest to the truth first; null where there was one.</summary>
    public IReadOnlyList<SolverRecord>? Solvers { get; init; }

    /// <summary>Networks that a step could run: the whole one and smaller ones.</summary>
    public int Networks { get; init; } = 1;

    /// <summary>What is kept beside the plan.</summary>
    public StepSearchFile ToFile() => new(
        $"relative-mse/1 {Best.Table.Sampler}{Best.Table.DenseSteps} to "
        + $"{Best.Table.Aim.ToString().ToLowerInvariant()} n{CheckProbes}",
        Method, Best.Name, Best.Loss, Predicted, Best.Table.Runs, Best.Table.DenseSteps, Evaluations,
        Candidates.ToDictionary(candidate => candidate.Name, candidate => candidate.Loss), Front)
    {
        Solvers = Solvers,
        SmallerRuns = Networks > 1
            ? Best.Table.Actions.Count(action => action is StepAction.Run { Variant: > 0 }) : null,
    };
}

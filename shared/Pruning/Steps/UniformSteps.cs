using Mlops.Diffusion;
using Mlops.Diffusion.Data;

namespace Mlops.Pruning.Steps;

/// <summary>Tables whose runs are spread evenly: what published caches do. Reuse is FORA (Selvaraju et al. 2024), a
/// forecast with β = 1 is TaylorSeer (Liu et al. 2025); at the network's output, or of its layers.</summary>
public static class UniformSteps
{
    /// <summary>So many runs, the first at step 0; all other steps act alike.</summary>
    public static IReadOnlyList<StepAction> Create(int steps, int runs, StepAction between)
    {
        if (runs < 1 || runs > steps)
            throw new ArgumentOutOfRangeException(nameof(runs), runs, $"must be in [1, {steps}]");
        var actions = Enumerable.Repeat(between, steps).ToArray();
        for (var run = 0; run < runs; run++)
            actions[run * steps / runs] = new StepAction.Run();
        return actions;
    }

    /// <summary>As many runs at steps that are drawn, step 0 among them: what a choice of steps must beat.</summary>
    public static IReadOnlyList<StepAction> Random(int steps, int runs, long seed, StepAction.Forecast between)
    {
        var actions = Enumerable.Repeat<StepAction>(between, steps).ToArray();
        var drawn = new SeededRandom(Seeds.Of(seed, "random-steps")).Permutation(steps - 1).Take(runs - 1);
        foreach (var step in drawn.Select(drawn => drawn + 1).Prepend(0))
            actions[step] = new StepAction.Run();
        return actions;
    }
}

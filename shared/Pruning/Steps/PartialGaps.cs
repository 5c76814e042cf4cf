using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>What it costs to run the whole network at step a and only a part of it in the k steps after, as relative
/// squared error of the final sample: sampled to the end, with whole runs at all other steps. What is carried on is
/// what step a had, so that no earlier run matters.</summary>
public static class PartialGaps
{
    /// <summary>Measures all gaps no longer than <see cref="Gaps.Longest"/>.</summary>
    /// <param name="between">What the steps of a gap carry on; its β counts as 0.</param>
    public static Gaps Measure(
        StepProblem problem, StepAction.Partial between, Probes probes, CancellationToken cancellationToken)
    {
        var gaps = new Dictionary<(int Before, int Last, int Length), Gap>();
        // Each table differs from the one before it late, so that little of it is sampled anew.
        using var tried = Trajectory.Record(problem, probes, cancellationToken);
        using var target = tried.States[^1].clone().DetachFromDisposeScope();
        var reuse = between with { Beta = 0 };
        for (var last = 0; last < problem.Steps - 1; last++)
            for (var length = 1; length <= Math.Min(Gaps.Longest, problem.Steps - 1 - last); length++)
            {
                using var scope = NewDisposeScope();
                StepAction[] table = [.. Enumerable.Range(0, problem.Steps).Select<int, StepAction>(
                    step => step > last && step <= last + length ? reuse : new StepAction.Run())];
                var damage = RelativeError.Mean(tried.Follow(table, cancellationToken), target);
                gaps[(-1, last, length)] = new(reuse, double.IsFinite(damage) ? damage : double.PositiveInfinity);
            }

        return new(gaps, tried.Evaluations);
    }
}

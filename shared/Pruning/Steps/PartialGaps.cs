using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>What it costs to run the whole network at step a and only a part of it in the k steps after, as relative
/// squared error of the final sample: sampled to the end, with whole runs at all other steps. What is carried on is
/// what step a had, so that no earlier run matters.</summary>
public sealed class PartialGaps
{
    private readonly Dictionary<(int Last, int Length), GapDamages.Gap> _gaps = [];

    private PartialGaps()
    {
    }

    /// <summary>Samples that went through the network, or a part of it.</summary>
    public long Evaluations { get; private set; }

    /// <summary>Measures all gaps no longer than <see cref="GapDamages.MaxGap"/>.</summary>
    /// <param name="between">What the steps of a gap carry on; its β counts as 0.</param>
    public static PartialGaps Measure(
        StepProblem problem, StepAction.Partial between, Probes probes, CancellationToken cancellationToken)
    {
        var gaps = new PartialGaps();
        // Each table differs from the one before it late, so that little of it is sampled anew.
        using var tried = Trajectory.Record(problem, probes, cancellationToken);
        using var target = tried.States[^1].clone().DetachFromDisposeScope();
        var reuse = between with { Beta = 0 };
        for (var last = 0; last < problem.Steps - 1; last++)
            for (var length = 1; length <= Math.Min(GapDamages.MaxGap, problem.Steps - 1 - last); length++)
            {
                using var scope = NewDisposeScope();
                StepAction[] table = [.. Enumerable.Range(0, problem.Steps).Select<int, StepAction>(
                    step => step > last && step <= last + length ? reuse : new StepAction.Run())];
                var damage = RelativeError.Mean(tried.Follow(table, cancellationToken), target);
                gaps._gaps[(last, length)] = new(reuse, double.IsFinite(damage) ? damage : double.PositiveInfinity);
            }

        gaps.Evaluations = tried.Evaluations;
        return gaps;
    }

    /// <summary>A gap's damage, as <see cref="StepProgram.BestGap"/>; null for gaps that were not measured.</summary>
    public GapDamages.Gap? Best(int before, int last, int length) => _gaps.GetValueOrDefault((last, length));
}

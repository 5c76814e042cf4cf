namespace Mlops.Pruning.Steps;

/// <summary>From a share of the dense MACs of an image to runs of the network.</summary>
public static class StepBudget
{
    /// <summary>Fewer leave nothing to forecast from.</summary>
    public const int FewestRuns = 2;

    // A share is a decimal; half of 20 must not become 9.
    private const double Slack = 1e-9;

    /// <summary>Steps that must run, where the others do this; layers can be reused after one.</summary>
    public static int Fewest(StepAction.Partial? between) => between is { Beta: 0 } ? 1 : FewestRuns;

    /// <summary>Whether no gap between so many runs need be longer than is tried.</summary>
    public static bool Reaches(int runs, int steps) => steps <= runs * (1 + Gaps.Longest);

    /// <summary>Refuses so few runs that some gap between them must be longer than is tried.</summary>
    /// <exception cref="InvalidDataException">One sentence.</exception>
    public static void CheckGaps(int runs, int steps)
    {
        if (!Reaches(runs, steps))
            throw GapTooLong(runs, steps);
    }

    /// <summary>What such a table is refused with.</summary>
    public static InvalidDataException GapTooLong(int runs, int steps) => new(
        $"with {runs} runs of {steps} steps some gap is longer than {Gaps.Longest} steps, which is not tried; ask "
        + "for more runs");

    /// <summary>How many runs fit.</summary>
    public static int Runs(double totalMacs, int steps) => (int)Math.Floor((totalMacs * steps) + Slack);

    /// <summary>The MACs of an image.</summary>
    /// <param name="dense">Those with the dense network at every step.</param>
    public static long Macs(double totalMacs, long dense) => (long)Math.Floor((totalMacs + Slack) * dense);

    /// <summary>Why a budget cannot be used, in one sentence; null if it can.</summary>
    public static string? Refusal(double totalMacs, int steps) => Runs(totalMacs, steps) >= FewestRuns
        ? null
        : FormattableString.Invariant($"total-macs {totalMacs} of {steps} steps leaves {Runs(totalMacs, steps)} ")
            + FormattableString.Invariant($"evaluations of the network, but a step table needs {FewestRuns}; ")
            + (steps < FewestRuns
                ? "take more steps"
                : FormattableString.Invariant($"ask for at least {Ratios.Up((double)FewestRuns / steps)}"));
}

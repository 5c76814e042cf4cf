using System.Numerics;

namespace Mlops.Pruning.Search;

/// <summary>
/// The schedules a search may visit: one integer level per stage, 0 ≤ L_s ≤ H, whose weighted sum is the budget.
/// With levels that are quanta of MACs a stage weighs as many sampler steps as it has; the paper's levels weigh 1.
/// </summary>
/// <param name="Stages">S, the number of stages.</param>
/// <param name="MaxLevel">H, the highest level of a stage.</param>
/// <param name="Budget">B = Σ weight · level.</param>
/// <param name="Weights">What one level of each stage counts; null: 1.</param>
public sealed record SearchSpace(int Stages, int MaxLevel, int Budget, IReadOnlyList<int>? Weights = null)
{
    // Sums of a few hundred rounded shares; far below the share of one layer in one stage.
    private const double Slack = 1e-9;

    /// <summary>The paper's space: all schedules whose levels sum to the budget.</summary>
    /// <exception cref="InvalidDataException">No schedule has that sum.</exception>
    public static SearchSpace OfLevels(int stages, int maxLevel, int budget)
    {
        if (stages < 1)
            throw new ArgumentOutOfRangeException(nameof(stages), stages, "must be at least 1");
        if (budget < 0 || budget > stages * maxLevel)
            throw new InvalidDataException(
                $"a level budget of {budget} cannot be met by {stages} stages of at most {maxLevel} levels; "
                + $"choose one in [0, {stages * maxLevel}]");
        return new(stages, maxLevel, budget);
    }

    /// <summary>The paper's space for a kept ratio: the least level budget whose uniform schedule meets it.</summary>
    /// <param name="kept">[stage][level] MACs left / dense MACs of one call.</param>
    /// <param name="weights">Sampler steps of each stage.</param>
    /// <param name="maxKept">Wanted kept ratio in (0, 1].</param>
    /// <exception cref="InvalidDataException">Dropping everything that may be dropped is not enough.</exception>
    public static SearchSpace OfUniform(
        IReadOnlyList<IReadOnlyList<double>> kept, IReadOnlyList<int> weights, double maxKept)
    {
        RequireReach(maxKept, Kept(Enumerable.Repeat(kept[0].Count - 1, kept.Count)));
        var budget = 0;
        while (Kept(Allocation.Even(kept.Count, budget)) > maxKept + Slack)
            budget++;
        return OfLevels(kept.Count, kept[0].Count - 1, budget);

        double Kept(IEnumerable<int> levels) =>
            levels.Select((level, stage) => kept[stage][level] * weights[stage]).Sum() / weights.Sum();
    }

    /// <summary>Levels that are quanta of MACs: the least sum that stages can reach and that frees enough.</summary>
    /// <param name="maxLevel">Quanta that all skippable layers free.</param>
    /// <param name="steps">Sampler steps of each stage.</param>
    /// <param name="quantum">Share of the dense MACs.</param>
    /// <param name="maxKept">Wanted kept ratio of a whole image in (0, 1].</param>
    /// <exception cref="InvalidDataException">Dropping everything that may be dropped is not enough.</exception>
    public static SearchSpace OfQuanta(int maxLevel, IReadOnlyList<int> steps, double quantum, double maxKept)
    {
        if (maxLevel < 1)
            throw new InvalidDataException(FormattableString.Invariant(
                $"a quantum of {quantum:0.###} of the MACs is more than all that may go; lower 'quantum'"));
        RequireReach(maxKept, 1 - (maxLevel * quantum));
        var unit = steps.Aggregate(Common);
        int[] weights = [.. steps.Select(count => count / unit)];
        double[][] free = [.. steps.Select(_ => new double[maxLevel + 1])];
        var budget = Math.Min(
            (int)Math.Ceiling(((1 - maxKept) / quantum * weights.Sum()) - Slack), maxLevel * weights.Sum());
        while (LevelProgram.Solve(free, weights, budget) is null)
            budget++;
        return new(steps.Count, maxLevel, budget, weights);
    }

    /// <summary>What one level of a stage counts.</summary>
    public int Weight(int stage) => Weights?[stage] ?? 1;

    /// <summary>Whether a schedule has the right length and bounds and keeps the budget.</summary>
    public bool Contains(IReadOnlyList<int> levels) =>
        levels.Count == Stages && levels.All(level => level >= 0 && level <= MaxLevel)
        && levels.Select((level, stage) => level * Weight(stage)).Sum() == Budget;

    /// <summary>The schedule of equal levels, or the nearest to it.</summary>
    public int[] Uniform() => Weights is null
        ? Allocation.Even(Stages, Budget)
        : Shaped([.. Enumerable.Repeat(1.0, Stages)]);

    /// <summary>Levels in proportion to a shape ≥ 0 over the stages, as near as bounds and budget let them: by the
    /// paper's rounding, or by the least squared distance where stages weigh unequally.</summary>
    public int[] Shaped(IReadOnlyList<double> shape)
    {
        if (Weights is null)
            return Allocation.FromWeights(shape, Budget, MaxLevel);
        var unit = Budget / shape.Select((value, stage) => value * Weight(stage)).Sum();
        return Cheapest([.. shape.Select(value => Enumerable.Range(0, MaxLevel + 1)
            .Select(level => Math.Pow(level - (value * unit), 2)).ToArray())]);
    }

    /// <summary>The schedule of the least summed cost.</summary>
    /// <param name="costs">[stage][level].</param>
    public int[] Cheapest(IReadOnlyList<IReadOnlyList<double>> costs) =>
        LevelProgram.Solve(costs, [.. Enumerable.Range(0, Stages).Select(Weight)], Budget)
        ?? throw new InvalidOperationException("a space without a schedule");

    /// <summary>The greatest number that divides both.</summary>
    internal static int Common(int a, int b) => (int)BigInteger.GreatestCommonDivisor(a, b);

    private static void RequireReach(double maxKept, double least)
    {
        if (maxKept is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(maxKept), maxKept, "must be in (0, 1]");
        if (least > maxKept + Slack)
            throw new InvalidDataException(
                $"a kept ratio of {maxKept:0.###} MACs is out of reach: with all gone that may go "
                + $"{least:0.###} remain; ask for at least {Ratios.Up(least)}");
    }
}

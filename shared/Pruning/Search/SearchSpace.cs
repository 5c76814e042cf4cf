namespace Mlops.Pruning.Search;

/// <summary>
/// The schedules a search may visit: one integer level per stage, 0 ≤ L_s ≤ H, under one of two budgets.
/// Level budget (the paper's): ΣL_s = B exactly. MACs budget (ours, when <see cref="KeptMacs"/> is set): the layers of
/// a UNet cost unequally, so a schedule belongs to the space if its real MACs stay within <see cref="MaxKept"/> and it
/// is maximal, that is no stage can take one layer back without breaking the limit.
/// </summary>
/// <param name="Stages">S, the number of stages.</param>
/// <param name="MaxLevel">H, the highest level of a stage.</param>
/// <param name="Budget">B, the wanted sum of levels; under a MACs budget that of the uniform schedule.</param>
/// <param name="KeptMacs">[stage][level] part of the dense trajectory's MACs that the stage keeps at the level.</param>
/// <param name="MaxKept">Highest kept ratio of MACs; the sum of the stages' kept parts never exceeds it.</param>
public sealed record SearchSpace(
    int Stages, int MaxLevel, int Budget, IReadOnlyList<IReadOnlyList<double>>? KeptMacs = null, double MaxKept = 1)
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

    /// <summary>
    /// Translates a kept ratio into the smallest level budget whose uniform schedule meets it. With
    /// <paramref name="exact"/> every schedule of the space meets the ratio; without it only the level sum is kept.
    /// </summary>
    /// <param name="keptMacs">[stage][level], stage shares included: level 0 over all stages sums to 1.</param>
    /// <param name="maxKept">Wanted kept ratio in (0, 1].</param>
    /// <param name="exact">Whether the real MACs bind, instead of the number of levels.</param>
    /// <exception cref="InvalidDataException">Dropping everything that may be dropped is not enough.</exception>
    public static SearchSpace OfMacs(IReadOnlyList<IReadOnlyList<double>> keptMacs, double maxKept, bool exact = true)
    {
        if (maxKept is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(maxKept), maxKept, "must be in (0, 1]");
        var space = new SearchSpace(keptMacs.Count, keptMacs.Min(row => row.Count) - 1, 0, keptMacs, maxKept);
        var least = space.Kept([.. Enumerable.Repeat(space.MaxLevel, space.Stages)]);
        if (least > maxKept + Slack)
            throw new InvalidDataException(
                $"a kept ratio of {maxKept:0.###} MACs is out of reach: with every skippable layer dropped "
                + $"{least:0.###} remain; ask for at least {Math.Ceiling(least * 1000) / 1000:0.###}");
        var budget = 0;
        while (!space.Fits(Allocation.Even(space.Stages, budget)))
            budget++;
        space = space with { Budget = budget };
        return exact ? space : space with { KeptMacs = null, MaxKept = 1 };
    }

    /// <summary>Kept ratio of MACs of a schedule; needs <see cref="KeptMacs"/>.</summary>
    public double Kept(IReadOnlyList<int> levels) => KeptMacs is { } kept
        ? levels.Select((level, stage) => kept[stage][level]).Sum()
        : throw new InvalidOperationException("this space has a level budget and knows no MACs");

    /// <summary>Whether a schedule has the right length and bounds and keeps the budget.</summary>
    public bool Contains(IReadOnlyList<int> levels) =>
        levels.Count == Stages && levels.All(level => level >= 0 && level <= MaxLevel)
        && (KeptMacs is null ? levels.Sum() == Budget : Fits(levels));

    /// <summary>
    /// Moves a schedule with the right level sum into the space. Nothing to do under a level budget. Under a MACs
    /// budget: drop one more layer in random stages while too much is kept, then give layers back to random stages
    /// as long as that still fits.
    /// </summary>
    public int[] Repair(int[] levels, SearchRandom random)
    {
        if (KeptMacs is null)
            return levels;
        while (!Fits(levels))
            levels[Pick(levels, level => level < MaxLevel, random)]++;
        var open = Enumerable.Range(0, Stages).Where(stage => levels[stage] > 0).ToList();
        while (open.Count > 0)
        {
            var stage = open[random.Between(0, open.Count - 1)];
            levels[stage]--;
            if (Fits(levels))
            {
                if (levels[stage] > 0)
                    continue;
            }
            else
                levels[stage]++;
            open.Remove(stage);
        }

        return levels;
    }

    private bool Fits(IReadOnlyList<int> levels) => Kept(levels) <= MaxKept + Slack;

    private static int Pick(int[] levels, Predicate<int> allowed, SearchRandom random)
    {
        var stages = Enumerable.Range(0, levels.Length).Where(stage => allowed(levels[stage])).ToArray();
        return stages[random.Between(0, stages.Length - 1)];
    }
}

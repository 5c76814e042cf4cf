using Mlops.Pruning.Search;
using Mlops.Pruning.Stages;

namespace Mlops.Tests.Pruning.Search;

public sealed class SearchSpaceTests
{
    [Fact]
    public void Twenty_thousand_mutations_conserve_sum_and_bounds()
    {
        var space = SearchSpace.OfLevels(10, 16, 80);
        var levels = Allocation.Even(10, 80);

        for (var i = 0; i < 20_000; i++)
        {
            levels = LevelSwitch.Mutate(levels, space, 3, 5, new SearchRandom(42, 1, i));
            Assert.True(space.Contains(levels), SearchState.Key(levels));
        }
    }

    [Fact]
    public void Mutations_between_stages_of_unequal_weight_keep_the_macs_and_reach_all_stages()
    {
        var space = SearchSpace.OfQuanta(70, [4, 3, 3, 7], 0.01, 0.65);
        var (levels, moved) = (space.Uniform(), new bool[4]);

        for (var i = 0; i < 20_000; i++)
        {
            var next = LevelSwitch.Mutate(levels, space, 2, 8, new SearchRandom(42, 1, i));
            Assert.True(space.Contains(next), SearchState.Key(next));
            for (var stage = 0; stage < 4; stage++)
                moved[stage] |= next[stage] != levels[stage];
            levels = next;
        }

        Assert.All(moved, Assert.True);
    }

    [Theory]
    [InlineData(new[] { 4, 4, 4, 4, 4 }, 0.65, 175)]     // five stages of 35 quanta
    [InlineData(new[] { 4, 3, 3, 7 }, 0.65, 595)]
    [InlineData(new[] { 2, 4 }, 0.505, 149)]             // 148.5
    [InlineData(new[] { 5, 3 }, 0.9999, 3)]              // 0.08; fives and threes make no 1 or 2
    [InlineData(new[] { 3, 2 }, 1.0, 0)]
    public void Quanta_add_up_to_the_least_budget_that_frees_enough(int[] steps, double kept, int budget)
    {
        var space = SearchSpace.OfQuanta(80, steps, 0.01, kept);

        Assert.Equal(budget, space.Budget);
        Assert.True(space.Contains(space.Uniform()));
    }

    [Fact]
    public void Uniform_levels_of_quanta_are_equal_where_the_budget_lets_them()
    {
        Assert.Equal([35, 35, 35, 35, 35], SearchSpace.OfQuanta(70, [4, 4, 4, 4, 4], 0.01, 0.65).Uniform());
        Assert.Equal([35, 35, 35, 35], SearchSpace.OfQuanta(70, [4, 3, 3, 7], 0.01, 0.65).Uniform());
    }

    [Theory]
    [InlineData(5, 4, 7)]
    [InlineData(10, 16, 80)]
    [InlineData(20, 28, 111)]
    [InlineData(1, 8, 3)]
    public void Initial_population_is_distinct_and_keeps_the_budget(int stages, int maxLevel, int budget)
    {
        var space = SearchSpace.OfLevels(stages, maxLevel, budget);

        var population = InitialPopulation.Create(space, 20, seed: 1, [space.Uniform()]);

        Assert.Equal(Allocation.Even(stages, budget), population[0]);
        Assert.Equal(population.Count, population.DistinctBy(SearchState.Key).Count());
        Assert.All(population, levels => Assert.True(space.Contains(levels), SearchState.Key(levels)));
        Assert.True(population.Count == 20 || stages == 1);
    }

    [Fact]
    public void Named_schedules_keep_the_budget_and_have_the_shapes_of_their_names()
    {
        foreach (var space in (SearchSpace[])[
            SearchSpace.OfQuanta(70, [4, 4, 4, 4, 4], 0.01, 0.65), SearchSpace.OfQuanta(70, [4, 3, 3, 7], 0.01, 0.65),
            SearchSpace.OfLevels(10, 16, 80), SearchSpace.OfLevels(1, 8, 3),
        ])
            Assert.All(Enum.GetValues<SearchStart>(), start => Assert.True(space.Contains(First(space, start))));

        var even = SearchSpace.OfQuanta(70, [4, 4, 4, 4, 4], 0.01, 0.65);
        Assert.Equal([35, 35, 35, 35, 35], First(even, SearchStart.Uniform));
        Assert.Equal([58, 47, 35, 23, 12], First(even, SearchStart.Front));
        Assert.Equal([12, 23, 35, 47, 58], First(even, SearchStart.Back));
        Assert.Equal([23, 29, 35, 41, 47], First(even, SearchStart.Ramp));
        Assert.Equal(First(even, SearchStart.Random), First(even, SearchStart.Random));
        Assert.NotEqual(
            First(even, SearchStart.Random), InitialPopulation.First(even, SearchStart.Random, seed: 2));

        static int[] First(SearchSpace space, SearchStart start) => InitialPopulation.First(space, start, seed: 1);
    }

    [Fact]
    public void Kept_ratio_becomes_the_smallest_level_budget_whose_uniform_schedule_meets_it()
    {
        var kept = UnequalBlocks(stages: 4);

        var space = SearchSpace.OfUniform(kept, [3, 3, 3, 3], 0.65);

        Assert.True(Kept(space.Uniform()) <= 0.65);
        Assert.True(Kept(Allocation.Even(4, space.Budget - 1)) > 0.65);

        double Kept(int[] levels) => levels.Select((level, stage) => kept[stage][level] / 4).Sum();
    }

    [Fact]
    public void Ratio_below_what_dropping_everything_leaves_is_refused_with_the_least_ratio()
    {
        var blocks = Assert.Throws<InvalidDataException>(
            () => SearchSpace.OfUniform(UnequalBlocks(3), [1, 2, 1], 0.05));
        var quanta = Assert.Throws<InvalidDataException>(() => SearchSpace.OfQuanta(90, [1, 2, 1], 0.01, 0.05));

        Assert.All([blocks, quanta], error => Assert.Contains("at least 0.1", error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void Ratio_outside_0_to_1_is_refused(double ratio) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SearchSpace.OfQuanta(90, [1, 2], 0.01, ratio));

    [Fact]
    public void Stage_bounds_round_ties_to_even_and_cover_the_trajectory()
    {
        var bounds = StageBounds.Even(16);

        Assert.Equal(62, bounds.First(1));
        Assert.Equal(188, bounds.First(3));
        Assert.Equal(1000, Enumerable.Range(0, 16).Sum(bounds.Length));
        Assert.Equal(0, bounds.StageOf(61.9));
        Assert.Equal(1, bounds.StageOf(62));
        Assert.Equal(15, bounds.StageOf(999));
        Assert.Equal(bounds.Table()[500], bounds.StageOf(500));
    }

    [Fact]
    public void Custom_dividers_make_unequal_stages_and_bad_ones_are_refused()
    {
        var bounds = StageBounds.At([100, 400]);

        Assert.Equal([0.1, 0.3, 0.6], Enumerable.Range(0, 3).Select(bounds.Share));
        Assert.Throws<InvalidDataException>(() => StageBounds.At([400, 100]));
        Assert.Throws<InvalidDataException>(() => StageBounds.At([1000]));
        Assert.Throws<ArgumentOutOfRangeException>(() => bounds.StageOf(1000));
    }

    // Five blocks of unequal cost over a fixed tenth; the drop order differs between stages.
    private static double[][] UnequalBlocks(int stages)
    {
        double[] costs = [0.3, 0.05, 0.25, 0.1, 0.2];
        return [.. Enumerable.Range(0, stages).Select(stage => Curve(stage).ToArray())];

        IEnumerable<double> Curve(int stage)
        {
            var kept = 1.0;
            yield return kept;
            for (var i = 0; i < costs.Length; i++)
                yield return kept -= costs[(i + stage) % costs.Length];
        }
    }
}

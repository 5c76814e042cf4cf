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

    [Theory]
    [InlineData(5, 4, 7)]
    [InlineData(10, 16, 80)]
    [InlineData(20, 28, 111)]
    [InlineData(1, 8, 3)]
    public void Initial_population_is_distinct_and_keeps_the_budget(int stages, int maxLevel, int budget)
    {
        var space = SearchSpace.OfLevels(stages, maxLevel, budget);

        var population = InitialPopulation.Create(space, 20, seed: 1);

        Assert.Equal(Allocation.Even(stages, budget), population[0]);
        Assert.Equal(population.Count, population.Select(SearchState.Key).Distinct().Count());
        Assert.All(population, levels => Assert.True(space.Contains(levels), SearchState.Key(levels)));
        Assert.True(population.Count == 20 || stages == 1);
    }

    [Fact]
    public void Kept_ratio_becomes_the_smallest_level_budget_whose_uniform_schedule_meets_it()
    {
        var kept = UnequalBlocks(stages: 4);

        var space = SearchSpace.OfMacs(kept, 0.65);

        Assert.True(space.Kept(Allocation.Even(4, space.Budget)) <= 0.65);
        Assert.True(space.Kept(Allocation.Even(4, space.Budget - 1)) > 0.65);
        Assert.Null(SearchSpace.OfMacs(kept, 0.65, exact: false).KeptMacs);
    }

    [Fact]
    public void No_candidate_of_an_exact_space_exceeds_the_wanted_macs_and_none_could_keep_a_layer_more()
    {
        var space = SearchSpace.OfMacs(UnequalBlocks(stages: 4), 0.65);
        var state = EvolutionarySearch.Start(space, new(2, 6, 30, 2, 2, 0), seed: 9);

        while (!EvolutionarySearch.IsFinished(state))
        {
            var pending = EvolutionarySearch.Pending(state);
            Assert.All(pending, AssertMaximal);
            state = EvolutionarySearch.Next(state, pending.ToDictionary(SearchState.Key, l => -Math.Abs(l[0] - 1.0)));
        }

        Assert.Equal(1, state.Best![0]);

        void AssertMaximal(int[] levels)
        {
            Assert.True(space.Contains(levels));
            for (var s = 0; s < levels.Length; s++)
                if (levels[s] > 0)
                    Assert.False(space.Contains([.. levels.Select((level, i) => i == s ? level - 1 : level)]));
        }
    }

    [Fact]
    public void Ratio_below_what_dropping_everything_leaves_is_refused_with_the_least_ratio()
    {
        var error = Assert.Throws<InvalidDataException>(() => SearchSpace.OfMacs(UnequalBlocks(3), 0.05));

        Assert.Contains("0.1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void Ratio_outside_0_to_1_is_refused(double ratio) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SearchSpace.OfMacs(UnequalBlocks(3), ratio));

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
        return [.. Enumerable.Range(0, stages).Select(s => Curve(s).Select(kept => kept / stages).ToArray())];

        IEnumerable<double> Curve(int stage)
        {
            var kept = 1.0;
            yield return kept;
            for (var i = 0; i < costs.Length; i++)
                yield return kept -= costs[(i + stage) % costs.Length];
        }
    }
}

using Mlops.Diffusion.Data;
using Mlops.Pruning.Steps;

namespace Mlops.Tests.Pruning.Steps;

public sealed class StepProgramTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 2)]
    [InlineData(8, 3)]
    [InlineData(9, 4)]
    public void The_program_finds_what_trying_every_table_finds(int steps, int seed)
    {
        var damages = Random(steps, (ulong)seed);

        var front = StepProgram.Solve(steps, damages);

        var best = Enumerable.Range(0, 1 << (steps - 1)).Select(mask => (mask << 1) | 1)
            .GroupBy(mask => int.PopCount(mask))
            .ToDictionary(group => group.Key, group => group.Min(mask => Damage(steps, mask, damages)));
        Assert.Equal(Enumerable.Range(1, steps), front.Select(solution => solution.Runs));
        foreach (var solution in front)
        {
            Assert.Equal(best[solution.Runs], solution.Damage, 1e-9);
            Assert.Equal(solution.Runs, solution.Actions.Count(action => action is StepAction.Run));
            Assert.Equal(solution.Damage, Damage(steps, Mask(solution.Actions), damages), 1e-9);
        }
    }

    [Fact]
    public void A_gap_that_cannot_be_filled_is_left_out_of_every_table()
    {
        var damages = Random(6, 5);

        var front = StepProgram.Solve(6, (before, last, length) => length > 1 ? null : damages(before, last, length));

        Assert.Equal([3, 4, 5, 6], front.Select(solution => solution.Runs));
    }

    private static int Mask(IReadOnlyList<StepAction> actions) => Enumerable.Range(0, actions.Count)
        .Where(step => actions[step] is StepAction.Run).Sum(step => 1 << step);

    private static double Damage(int steps, int mask, StepProgram.BestGap damages)
    {
        int[] runs = [.. Enumerable.Range(0, steps).Where(step => (mask >> step & 1) == 1)];
        return Enumerable.Range(0, runs.Length).Sum(i =>
        {
            var length = (i + 1 < runs.Length ? runs[i + 1] : steps) - runs[i] - 1;
            return length == 0 ? 0 : damages(i == 0 ? -1 : runs[i - 1], runs[i], length)!.Damage;
        });
    }

    private static StepProgram.BestGap Random(int steps, ulong seed)
    {
        var random = new SeededRandom(seed);
        var table = new Dictionary<(int, int, int), GapDamages.Gap>();
        for (var before = -1; before < steps; before++)
            for (var last = 0; last < steps; last++)
                for (var length = 1; length < steps; length++)
                    table[(before, last, length)] = new(new(ForecastKind.Clean, 0), random.Next());
        return (before, last, length) => table[(before, last, length)];
    }
}

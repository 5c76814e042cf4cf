using Mlops.Diffusion.Data;
using Mlops.Pruning.Steps;

namespace Mlops.Tests.Pruning.Steps;

public sealed class StepProgramTests
{
    [Theory]
    [InlineData(1, 1, 1, true)]
    [InlineData(4, 1, 2, true)]
    [InlineData(8, 1, 3, true)]
    [InlineData(9, 1, 4, true)]
    [InlineData(7, 1, 9)]
    [InlineData(1, 2, 5)]
    [InlineData(5, 2, 6)]
    [InlineData(6, 2, 7)]
    [InlineData(4, 3, 8)]
    public void The_program_finds_what_trying_every_table_finds(
        int steps, int networks, int seed, bool counted = false)
    {
        var (damages, prices) = Random(steps, networks, (ulong)seed);
        long Price(int step, int network) => counted ? 1 : prices[step, network];

        var front = StepProgram.Solve(steps, damages, networks, counted ? null : Price);

        var all = Tables(steps, networks).Select(table => (
            Price: table.Select((action, step) => Paid(action, step)).Sum(),
            Damage: Damage(table, networks, damages))).ToArray();
        Assert.All(all, table => Assert.Contains(
            front, solution => solution.Price <= table.Price && solution.Damage <= table.Damage + 1e-9));
        Assert.Equal(front.OrderBy(solution => solution.Price), front);
        Assert.True(!counted || front.Count == steps);
        foreach (var solution in front)
        {
            Assert.Contains(all, table => table.Price == solution.Price
                && Math.Abs(table.Damage - solution.Damage) < 1e-9);
            Assert.Equal(solution.Price, solution.Actions.Select((action, step) => Paid(action, step)).Sum());
            Assert.Equal(solution.Damage, Damage(solution.Actions, networks, damages), 1e-9);
            Assert.Equal(solution.Runs, solution.Actions.Count(action => action is StepAction.Run));
        }

        var half = StepProgram.Solve(
            steps, damages, networks, counted ? null : Price, front[^1].Price / 2);
        Assert.Equal(front.Where(solution => solution.Price <= front[^1].Price / 2).Select(each => each.Damage),
            half.Select(each => each.Damage));

        long Paid(StepAction action, int step) => action is StepAction.Run run ? Price(step, run.Variant) : 0;
    }

    [Fact]
    public void A_gap_that_cannot_be_filled_is_left_out_of_every_table()
    {
        var (damages, _) = Random(6, 1, 5);

        var front = StepProgram.Solve(6, (before, last, length) => length > 1 ? null : damages(before, last, length));

        Assert.Equal([3, 4, 5, 6], front.Select(solution => solution.Runs));
    }

    // Every step runs a network or none; the first runs one.
    private static IEnumerable<StepAction[]> Tables(int steps, int networks) =>
        from code in Enumerable.Range(0, (int)Math.Pow(networks + 1, steps))
        let digits = Enumerable.Range(0, steps)
            .Select(step => code / (int)Math.Pow(networks + 1, step) % (networks + 1))
        where digits.First() < networks
        select digits.Select(digit => digit < networks
            ? new StepAction.Run(digit) : (StepAction)new StepAction.Forecast(ForecastKind.Clean, 0)).ToArray();

    private static double Damage(IReadOnlyList<StepAction> actions, int networks, StepProgram.BestGap damages)
    {
        var runs = Enumerable.Range(0, actions.Count).Where(step => actions[step] is StepAction.Run).ToArray();
        int Named(int i) => i < 0 ? -1 : (runs[i] * networks) + ((StepAction.Run)actions[runs[i]]).Variant;
        return Enumerable.Range(0, runs.Length).Sum(i =>
        {
            var length = (i + 1 < runs.Length ? runs[i + 1] : actions.Count) - runs[i] - 1;
            return length == 0 && networks == 1 ? 0 : damages(Named(i - 1), Named(i), length)!.Damage;
        });
    }

    private static (StepProgram.BestGap Damages, long[,] Prices) Random(int steps, int networks, ulong seed)
    {
        var random = new SeededRandom(seed);
        var table = new Dictionary<(int, int, int), Gap>();
        for (var before = -1; before < steps * networks; before++)
            for (var last = 0; last < steps * networks; last++)
                for (var length = 0; length < steps; length++)
                    table[(before, last, length)] = new(new StepAction.Forecast(ForecastKind.Clean, 0), random.Next());
        var prices = new long[steps, networks];
        for (var step = 0; step < steps; step++)
            for (var network = 0; network < networks; network++)
                prices[step, network] = 1 + random.Below(9);
        return ((before, last, length) => table[(before, last, length)], prices);
    }
}

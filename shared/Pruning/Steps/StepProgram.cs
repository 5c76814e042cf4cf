namespace Mlops.Pruning.Steps;

/// <summary>Where to run, exactly: damages of gaps add, so the best table for every number of runs comes from one
/// dynamic program over (a′, a, m): the last two steps that ran and the runs so far.</summary>
public static class StepProgram
{
    /// <summary>The best filling of a gap, given a′ (−1 for none), a and the gap's length; null if it cannot be
    /// filled.</summary>
    public delegate GapDamages.Gap? BestGap(int before, int last, int length);

    /// <summary>A table and its predicted damage.</summary>
    public sealed record Solution(int Runs, double Damage, IReadOnlyList<StepAction> Actions);

    /// <summary>The best table for every number of runs from 1 to <paramref name="steps"/> that has any.</summary>
    /// <param name="steps">S; step 0 runs.</param>
    /// <param name="gap">Damages of gaps.</param>
    public static IReadOnlyList<Solution> Solve(int steps, BestGap gap)
    {
        // f[m][(a′ + 1, a)]: least damage of the steps before a with m runs, a among them.
        var f = new double[steps + 1][,];
        var from = new int[steps + 1][,];
        for (var m = 1; m <= steps; m++)
            (f[m], from[m]) = (Filled(steps), new int[steps + 1, steps]);
        f[1][0, 0] = 0;
        for (var m = 1; m < steps; m++)
            for (var before = -1; before < steps; before++)
                for (var last = before + 1; last < steps; last++)
                    if (double.IsFinite(f[m][before + 1, last]))
                        for (var next = last + 1; next < Math.Min(steps, last + 2 + GapDamages.MaxGap); next++)
                            Relax(m, before, last, next);
        return [.. Enumerable.Range(1, steps).Select(m => Best(m)).OfType<Solution>()];

        void Relax(int m, int before, int last, int next)
        {
            var damage = f[m][before + 1, last] + DamageOf(before, last, next - last - 1);
            if (damage >= f[m + 1][last + 1, next])
                return;
            f[m + 1][last + 1, next] = damage;
            from[m + 1][last + 1, next] = before;
        }

        double DamageOf(int before, int last, int length) =>
            length == 0 ? 0 : gap(before, last, length)?.Damage ?? double.PositiveInfinity;

        Solution? Best(int m)
        {
            var (least, before, last) = (double.PositiveInfinity, -1, -1);
            for (var b = -1; b < steps; b++)
                for (var a = b + 1; a < steps; a++)
                    if (f[m][b + 1, a] + DamageOf(b, a, steps - 1 - a) is var damage && damage < least)
                        (least, before, last) = (damage, b, a);
            return last < 0 ? null : new Solution(m, least, Actions(m, before, last));
        }

        StepAction[] Actions(int m, int before, int last)
        {
            var actions = new StepAction[steps];
            for (var next = steps; last >= 0; next = last, (before, last) = (from[m--][before + 1, last], before))
            {
                actions[last] = new StepAction.Run();
                if (next - last - 1 > 0)
                    Array.Fill(actions, gap(before, last, next - last - 1)!.Action, last + 1, next - last - 1);
            }

            return actions;
        }
    }

    private static double[,] Filled(int steps)
    {
        var table = new double[steps + 1, steps];
        for (var i = 0; i <= steps; i++)
            for (var j = 0; j < steps; j++)
                table[i, j] = double.PositiveInfinity;
        return table;
    }
}

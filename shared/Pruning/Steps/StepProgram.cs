namespace Mlops.Pruning.Steps;

/// <summary>Where to run which network, exactly: damages of gaps add, so the best table for every budget comes from one
/// dynamic program over the last two runs a′ and a, which keeps for each pair whatever no other choice equals at less
/// price and less damage; with one network, the best for every number of runs.</summary>
public static class StepProgram
{
    /// <summary>The best filling of a gap, given a′ (−1 for none), a and the gap's length; null if it cannot be filled.
    /// Runs are named as in <see cref="GapDamages"/>.</summary>
    public delegate Gap? BestGap(int before, int last, int length);

    /// <summary>A table, its price and its predicted damage.</summary>
    public sealed record Solution(long Price, int Runs, double Damage, IReadOnlyList<StepAction> Actions);

    // The runs of a table up to its last one, and what they cost so far; the damage of that one is not yet known.
    private sealed record Label(long Price, int Runs, double Damage, int Before, int Last, Label? From);

    /// <summary>All tables that no other one equals at less price and damage, by ascending price; with one network the
    /// best for every number of runs that has any.</summary>
    /// <param name="steps">S; step 0 runs.</param>
    /// <param name="gap">Damages of gaps; with one network those of length 0 are not asked for.</param>
    /// <param name="networks">Networks that a step may run.</param>
    /// <param name="price">Of a step and network; null: every run costs 1.</param>
    /// <param name="budget">Highest price.</param>
    public static IReadOnlyList<Solution> Solve(
        int steps, BestGap gap, int networks = 1, Func<int, int, long>? price = null, long budget = long.MaxValue)
    {
        var open = Enumerable.Range(0, steps).Select(_ => new Dictionary<int, List<Label>>()).ToArray();
        var (ends, counted) = (new List<Label>(), networks == 1 && price is null);
        Extend(null, 0, 0);
        for (var step = 0; step < steps; step++)
            foreach (var label in open[step].Values.SelectMany(labels => Front(labels, counted)))
            {
                for (var next = step + 1; next < Math.Min(steps, step + 2 + Gaps.Longest); next++)
                    Extend(label, next, DamageOf(label, next - step - 1));
                if (DamageOf(label, steps - 1 - step) is var tail && double.IsFinite(tail))
                    ends.Add(label with { Damage = label.Damage + tail });
            }

        return [.. Front(ends, counted).Select(end => new Solution(end.Price, end.Runs, end.Damage, Actions(end)))];

        void Extend(Label? from, int next, double damage)
        {
            for (var network = 0; network < networks && double.IsFinite(damage); network++)
            {
                var (last, paid) = (from?.Last ?? -1, (from?.Price ?? 0) + (price?.Invoke(next, network) ?? 1));
                if (paid > budget)
                    continue;
                var run = (next * networks) + network;
                // Every label that ends in the same two runs has the same future.
                var key = ((last + 1) * networks) + network;
                if (!open[next].TryGetValue(key, out var labels))
                    open[next][key] = labels = [];
                labels.Add(new(paid, (from?.Runs ?? 0) + 1, (from?.Damage ?? 0) + damage, last, run, from));
            }
        }

        double DamageOf(Label label, int length) => length == 0 && networks == 1
            ? 0
            : gap(label.Before, label.Last, length)?.Damage ?? double.PositiveInfinity;

        StepAction[] Actions(Label end)
        {
            var actions = new StepAction[steps];
            var next = steps;
            for (var label = end; label is not null; label = label.From)
            {
                var step = label.Last / networks;
                actions[step] = new StepAction.Run(label.Last % networks);
                if (next - step > 1)
                    Array.Fill(
                        actions, gap(label.Before, label.Last, next - step - 1)!.Action!, step + 1, next - step - 1);
                next = step;
            }

            return actions;
        }
    }

    private static List<Label> Front(List<Label> labels, bool counted)
    {
        var front = new List<Label>();
        foreach (var label in labels.OrderBy(label => label.Price).ThenBy(label => label.Damage))
            if (front.Count == 0
                || (counted ? label.Price > front[^1].Price : label.Damage < front[^1].Damage))
                front.Add(label);
        return front;
    }
}

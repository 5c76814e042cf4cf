using Mlops.Diffusion.Models;
using Mlops.Pruning.Plans;

namespace Mlops.Pruning.Alter;

/// <summary>Share of layers in which the masks of two experts differ, in [0, 1].</summary>
public sealed record MaskDistance(int First, int Second, double Share);

/// <summary>Which layers run at which native timestep: at most N_e masks and the choice of each timestep.</summary>
/// <param name="experts">One mask per expert, N_L entries each; true runs the layer.</param>
/// <param name="route">The expert of every native timestep, T entries.</param>
public sealed class HardTable(bool[][] experts, int[] route)
{
    /// <summary>One mask per expert.</summary>
    public IReadOnlyList<bool[]> Experts => experts;

    /// <summary>The expert of every native timestep.</summary>
    public IReadOnlyList<int> Route => route;

    /// <summary>Masks from gate logits [N_e, N_L] and a threshold, the route from routing logits [T, N_e].</summary>
    public static HardTable Threshold(float[] gates, float[] routing, int experts, double threshold)
    {
        var layers = gates.Length / experts;
        var masks = gates.Chunk(layers).Select(row => row.Select(gate => gate >= threshold).ToArray()).ToArray();
        return new HardTable(masks, RouteOf(routing, experts));
    }

    /// <summary>The layers that a plan runs, one expert per variant;
    /// which channels it keeps is not part of a table.</summary>
    /// <exception cref="InvalidDataException">The plan keeps other channels at other timesteps.</exception>
    public static HardTable FromPlan(PruningPlan plan, IReadOnlyList<LayerInfo> layers) => plan.RoutesChannels
        ? throw new InvalidDataException(
            $"the plan of method '{plan.Method}' keeps other channels at other timesteps, which training cannot follow "
            + "yet; train with a plan of layers, or of one set of channels")
        : new(
            [.. plan.Variants.Select(variant => variant.RunMask(layers))],
            [.. Enumerable.Range(0, plan.Timesteps).Select(t => plan.VariantAt(t))]);

    /// <summary>The mask of a native timestep.</summary>
    public bool[] MaskAt(int timestep) => experts[route[timestep]];

    /// <summary>Kept ratio of the whole model's MACs, averaged over all native timesteps.</summary>
    public double KeptRatio(LayerCosts costs)
    {
        var ratios = experts.Select(mask => costs.KeptRatio(mask)).ToArray();
        return route.Average(expert => ratios[expert]);
    }

    /// <summary>Share of the entries of [T, N_L] in which two tables differ, in [0, 1].</summary>
    public double FlipRate(HardTable other)
    {
        var flips = Enumerable.Range(0, route.Length)
            .Sum(t => (long)MaskAt(t).Zip(other.MaskAt(t), (mine, theirs) => mine != theirs ? 1 : 0).Sum());
        return (double)flips / ((long)route.Length * experts[0].Length);
    }

    /// <summary>Share of timesteps for which two tables choose different experts, in [0, 1].</summary>
    public double RouteFlips(HardTable other) =>
        route.Zip(other.Route).Count(pair => pair.First != pair.Second) / (double)route.Length;

    /// <summary>Share of the entries of [N_e, N_L] in which two tables differ, in [0, 1].</summary>
    public double GateFlips(HardTable other) => experts.Zip(other.Experts)
        .SelectMany(masks => masks.First.Zip(masks.Second)).Average(gate => gate.First != gate.Second ? 1.0 : 0);

    /// <summary>Share of the timesteps of each expert.</summary>
    public IReadOnlyList<double> Coverage() =>
        [.. experts.Select((_, expert) => route.Count(choice => choice == expert) / (double)route.Length)];

    /// <summary>Intervals of the trajectory with one expert.</summary>
    public int Segments() => 1 + route.Zip(route.Skip(1)).Count(pair => pair.First != pair.Second);

    /// <summary>The same masks at every timestep, with an expert for each of so many intervals: those of the table, the
    /// longest halved until they are enough.</summary>
    /// <exception cref="InvalidDataException">The table has more intervals, or there are fewer timesteps.</exception>
    public HardTable Intervals(int count)
    {
        List<int> starts = [0, .. Enumerable.Range(1, route.Length - 1).Where(t => route[t] != route[t - 1])];
        if (starts.Count > count || count > route.Length)
            throw new InvalidDataException(
                $"the schedule has {starts.Count} intervals and {route.Length} timesteps but the hypernetwork {count} "
                + "experts; set the option experts between the two");
        while (starts.Count < count)
        {
            var longest = Enumerable.Range(0, starts.Count).MaxBy(Length);
            starts.Insert(longest + 1, starts[longest] + (Length(longest) / 2));
        }

        return new(
            [.. starts.Select(MaskAt)],
            [.. starts.SelectMany((_, expert) => Enumerable.Repeat(expert, Length(expert)))]);

        int Length(int index) => (index + 1 < starts.Count ? starts[index + 1] : route.Length) - starts[index];
    }

    /// <summary>How far the masks of experts that are used are apart, for every pair.</summary>
    public IReadOnlyList<MaskDistance> Hamming()
    {
        int[] used = [.. route.Distinct().Order()];
        return
        [
            .. from first in used
               from second in used
               where first < second
               select new MaskDistance(first, second, experts[first].Zip(experts[second])
                   .Average(gate => gate.First != gate.Second ? 1.0 : 0)),
        ];
    }

    /// <summary>The table as a plan, for export.</summary>
    public PruningPlan ToPlan(string method, IReadOnlyList<LayerInfo> layers, LayerCosts costs) =>
        PruningPlan.FromMasks(method, layers, [.. Enumerable.Range(0, route.Length).Select(MaskAt)], KeptRatio(costs));

    /// <summary>Index of the largest routing logit per row; ties go to the lower index so that runs repeat.</summary>
    internal static int[] RouteOf(float[] routing, int experts) =>
        [.. routing.Chunk(experts).Select(row => Array.IndexOf(row, row.Max()))];
}

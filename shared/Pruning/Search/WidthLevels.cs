using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Obs;
using Mlops.Pruning.Plans;

namespace Mlops.Pruning.Search;

/// <summary>
/// What a level means with the width back-ends of Diff-ES on a DiT: so many attention heads and hidden neurons go in
/// every block, those of least score in the stage. As published, level L of H = heads takes L heads and L/H of the
/// neurons. Our change: a level may be a finer quantum of MACs; the heads that go are the nearest whole number, and
/// neurons make up for the rest. With OBS the layers behind them make up for what goes
/// (<see cref="CompensatedLevels"/>).
/// </summary>
/// <param name="Units">Channels of a unit of every group: a head's width, or 1.</param>
/// <param name="Orders">[stage][group] units, the least important first.</param>
/// <param name="Compensates">Whether every level of every stage has weights of its own.</param>
public sealed record WidthLevels(
    IReadOnlyList<int> Units, IReadOnlyList<IReadOnlyList<IReadOnlyList<int>>> Orders, bool Compensates = false)
{
    /// <summary>The levels of a model.</summary>
    /// <param name="scores">Of its channels.</param>
    /// <param name="model">Shapes are enough.</param>
    /// <param name="perHead">A level is one head a block, as published.</param>
    /// <param name="share">Else a quantum / dense MACs; null: 0.01, or a neuron of every block where that is more.
    /// </param>
    /// <exception cref="InvalidDataException">The model is no DiT, or the scores are of another.</exception>
    public static StageLevels Of(ImportanceScores scores, Denoiser model, bool perHead, double? share = null)
    {
        if (model is not DiTTransformer2DModel)
            throw new InvalidDataException(
                $"heads and neurons are searched per stage in a DiT, and this is a {model.Config.ClassName}; search "
                + "its layers (recipe diff-es)");
        var groups = ChannelGroups.Of(model);
        if (!scores.Structures.Select(structure => (structure.Name, structure.PerStage[0].Length))
            .SequenceEqual(groups.Select(group => (group.Root, group.Width))))
            throw new InvalidDataException("the scores are not of this model's channels; score this model again");

        var costs = new Costs(model, groups);
        var quantum = perHead
            ? costs.All / costs.Heads
            : (share ?? Math.Max(StageLevels.FineQuantum, costs.Neuron / costs.Dense)) * costs.Dense;
        var counts = costs.Levels(quantum);
        double[] kept = [.. counts.Select(gone => 1 - (costs.Freed(gone[0], gone[1]) / costs.Dense))];
        var stages = Enumerable.Range(0, scores.Stages.Count);
        return new(
            scores.Stages, [.. groups.Select(group => group.Root)], [.. stages.Select(_ => counts)],
            [.. stages.Select(_ => kept)], perHead ? null : quantum / costs.Dense,
            new(
                [.. groups.Select(group => group.UnitSize)],
                [.. stages.Select(stage => groups.Zip(scores.Structures).Select(
                    pair => Order(pair.First, pair.Second.PerStage[stage])).ToArray())],
                scores.Method == ObsPruning.Method));
    }

    /// <summary>What is left when so many heads and neurons of every block are gone.</summary>
    /// <param name="roots">Root modules of the groups.</param>
    /// <param name="gone">Heads and neurons.</param>
    public PlanVariant Variant(IReadOnlyList<string> roots, int stage, IReadOnlyList<int> gone)
    {
        var keep = new Dictionary<string, IReadOnlyList<long>>();
        for (var group = 0; group < roots.Count; group++)
            if (gone[Kind(group)] is > 0 and var count)
                keep[roots[group]] = [.. Orders[stage][group].Skip(count).Order().SelectMany(
                    unit => Enumerable.Range(unit * Units[group], Units[group]).Select(channel => (long)channel))];
        return new PlanVariant(
            [], keep, Compensates && keep.Count > 0 ? $"stage{stage}-heads{gone[0]}-neurons{gone[1]}" : null);
    }

    // Heads and neurons take turns.
    private static int Kind(int group) => group % 2;

    private static int[] Order(ChannelGroup group, double[] scores) =>
    [
        .. Enumerable.Range(0, group.Width / group.UnitSize).OrderBy(
            unit => scores.AsSpan(unit * group.UnitSize, group.UnitSize).ToArray().Sum()),
    ];

    /// <summary>MACs of a head and of a neuron of every block; those of several add up.</summary>
    private sealed class Costs
    {
        private readonly int _neurons;
        private readonly double _head;

        public Costs(Denoiser model, IReadOnlyList<ChannelGroup> groups)
        {
            Dense = MacCounter.Count(model).Macs;
            (Heads, _neurons) = (groups[0].Width / groups[0].UnitSize, groups[1].Width);
            (_head, Neuron) = (Without(0), Without(1));

            double Without(int kind) => Dense - SlicedVariant.Macs(model, new PlanVariant([], groups
                .Where((_, group) => Kind(group) == kind).ToDictionary(group => group.Root,
                    group => (IReadOnlyList<long>)[.. Enumerable.Range(group.UnitSize, group.Width - group.UnitSize)
                        .Select(channel => (long)channel)])));
        }

        public double Dense { get; }

        public double Neuron { get; }

        public int Heads { get; }

        public double All => Freed(Heads, _neurons);

        public double Freed(int heads, int neurons) => (heads * _head) + (neurons * Neuron);

        /// <summary>[level] heads and neurons that go; one of each stays.</summary>
        public int[][] Levels(double quantum) =>
        [
            .. Enumerable.Range(0, 1 + (int)((Freed(Heads - 1, _neurons - 1) + StageLevels.Slack) / quantum))
                .Select(level => At(level * quantum)),
        ];

        private int[] At(double need)
        {
            var most = Math.Min(Heads - 1, (int)((need + StageLevels.Slack) / _head));
            var least = (int)Math.Ceiling((need - Freed(0, _neurons - 1) - StageLevels.Slack) / _head);
            var heads = Math.Min(most, Math.Max(least, (int)Math.Round(need / All * Heads)));
            return [heads, (int)Math.Ceiling((need - (heads * _head) - StageLevels.Slack) / Neuron)];
        }
    }
}

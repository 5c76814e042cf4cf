using Mlops.Pruning.Stages;

namespace Mlops.Pruning.Importance;

/// <summary>What the scores are of.</summary>
public enum ScoreTarget
{
    /// <summary>Whole gateable layers, one value each.</summary>
    Layers,

    /// <summary>Channel groups, one value per channel of the group's root.</summary>
    Channels,
}

/// <summary>Scores of one structure.</summary>
/// <param name="Name">A layer's name, or the root module of a channel group.</param>
/// <param name="PerStage">[stage][unit]; low goes first.</param>
public sealed record StructureScores(string Name, IReadOnlyList<double[]> PerStage);

/// <summary>How much each prunable structure matters in each stage of the trajectory.</summary>
/// <param name="Target">Layers or channels.</param>
/// <param name="Stages">Stage 0 is the clean end.</param>
/// <param name="Structures">In the model's order.</param>
public sealed record ImportanceScores(
    string Method, ScoreTarget Target, StageBounds Stages, IReadOnlyList<StructureScores> Structures)
{
    /// <summary>First and last timestep whose gradients were added, of every stage; null for criteria that walk none.
    /// </summary>
    public IReadOnlyList<int[]>? Walked { get; init; }

    /// <summary>Each layer's score over the whole trajectory: the sum of its stages, in the model's order.</summary>
    /// <exception cref="InvalidDataException">The scores are of channels.</exception>
    public IReadOnlyList<double> LayerTotals()
    {
        RequireLayers();
        return [.. Structures.Select(structure => structure.PerStage.Sum(units => units[0]))];
    }

    /// <summary>[stage][layer], in the model's order.</summary>
    public IReadOnlyList<IReadOnlyList<double>> PerStageAndLayer()
    {
        RequireLayers();
        return [.. Enumerable.Range(0, Stages.Count).Select(
            stage => Structures.Select(structure => structure.PerStage[stage][0]).ToArray())];
    }

    /// <summary>Each channel's score over the whole trajectory.</summary>
    /// <param name="root">Root module of the channel group.</param>
    /// <exception cref="InvalidDataException">There is no such group among the scores.</exception>
    public double[] ChannelTotals(string root)
    {
        var structure = Target == ScoreTarget.Channels
            ? Structures.FirstOrDefault(candidate => candidate.Name == root)
            : null;
        return structure is null
            ? throw new InvalidDataException($"the scores have no channel group '{root}'; score this model's channels")
            : [.. Enumerable.Range(0, structure.PerStage[0].Length)
                .Select(unit => structure.PerStage.Sum(units => units[unit]))];
    }

    private void RequireLayers()
    {
        if (Target != ScoreTarget.Layers)
            throw new InvalidDataException(
                $"'{Method}' scored channels, but layers are needed; score with output-loss or block-cosine");
    }
}

namespace Mlops.Pruning.Importance;

/// <summary>Output loss and trajectory loss in one: each divided by what the best static mask loses of it at the same
/// budget, then added. Alone the two send MACs to opposite ends of the trajectory.</summary>
public static class MixedLoss
{
    /// <summary>The method's name in options and files.</summary>
    public const string Method = "mixed-loss";

    /// <summary>The sum.</summary>
    /// <param name="macs">MACs of each layer.</param>
    /// <param name="totalMacs">MACs of the dense model.</param>
    /// <param name="keptRatio">The budget that the scores are for.</param>
    /// <exception cref="InvalidDataException">The two are not of the same stages and layers.</exception>
    public static ImportanceScores Of(
        ImportanceScores output, ImportanceScores trajectory, IReadOnlyList<long> macs, long totalMacs,
        double keptRatio)
    {
        if (!output.Stages.Equals(trajectory.Stages) || !Names(output).SequenceEqual(Names(trajectory)))
            throw new InvalidDataException("output and trajectory losses are of unlike stages or layers");
        var (first, second) = (Scaled(output), Scaled(trajectory));
        return output with
        {
            Method = Method,
            Structures = [.. output.Structures.Select((structure, layer) => structure with
            {
                PerStage = [.. first.Zip(second, (a, b) => new[] { a[layer] + b[layer] })],
            })],
        };

        static IEnumerable<string> Names(ImportanceScores scores) => scores.Structures.Select(each => each.Name);

        double[][] Scaled(ImportanceScores scores)
        {
            var values = scores.PerStageAndLayer();
            var unit = JointSelection.StaticLoss(values, macs, totalMacs, keptRatio);
            return [.. values.Select(stage => stage.Select(value => unit > 0 ? value / unit : value).ToArray())];
        }
    }
}

using System.Text.Json;
using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;

namespace Mlops.ScheduleSearch;

/// <summary>The cells (stage, layer) that a schedule chooses from.</summary>
/// <param name="Names">Layers in the model's order.</param>
/// <param name="Macs">MACs of each layer, averaged over all timesteps.</param>
/// <param name="Total">MACs of the given model, likewise.</param>
/// <param name="StageMacs">[stage][layer]: the same of each stage, which differ where the given model routes.</param>
/// <param name="StageTotals">[stage].</param>
internal sealed record LayerCells(
    ImportanceScores Scores, IReadOnlyList<string> Names, IReadOnlyList<long> Macs, long Total,
    IReadOnlyList<IReadOnlyList<long>> StageMacs, IReadOnlyList<long> StageTotals)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Reads the roles scores and model.</summary>
    /// <exception cref="InvalidDataException">The scores are not of this model's layers.</exception>
    public static async Task<LayerCells> OpenAsync(JobContext job, CancellationToken cancellationToken)
    {
        using var model = GivenModel.ShapeOnly(await job.FolderAsync("model", cancellationToken));
        return Of(ScoresFolder.Load(await job.FolderAsync("scores", cancellationToken)), model);
    }

    /// <summary>The cells of scores; shapes of the model are enough.</summary>
    /// <exception cref="InvalidDataException">The scores are not of this model's layers.</exception>
    public static LayerCells Of(ImportanceScores scores, Denoiser model)
    {
        var names = model.Layers.Select(layer => layer.Name).ToArray();
        if (!scores.Structures.Select(structure => structure.Name).SequenceEqual(names))
            throw new InvalidDataException("the scores are not of this model's layers; score this model again");
        (int First, int End)[] stages = [.. Enumerable.Range(0, scores.Stages.Count)
            .Select(stage => (scores.Stages.First(stage), scores.Stages.End(stage)))];
        return new LayerCells(
            scores, names, MacCounter.LayerCosts(model), MacCounter.Count(model).Macs,
            [.. stages.Select(rows => MacCounter.LayerCosts(model, rows: rows))],
            [.. stages.Select(rows => MacCounter.Count(model, rows: rows).Macs)]);
    }

    /// <summary>Writes the plan of a choice; returns the kept ratio of every stage.</summary>
    /// <param name="drop">Layers that each stage leaves out.</param>
    public double[] SavePlan(string method, IReadOnlyList<IReadOnlyList<int>> drop, string outputFolder)
    {
        double[] kept = [.. drop.Select((layers, stage) =>
            (StageTotals[stage] - layers.Sum(layer => StageMacs[stage][layer])) / (double)Total)];
        PlanFile.Save(
            PruningPlan.FromStages(
                method, Scores.Stages,
                [.. drop.Select(layers => new PlanVariant(layers.Select(layer => Names[layer])))],
                kept.Select((ratio, stage) => ratio * Scores.Stages.Share(stage)).Sum()),
            outputFolder);
        return kept;
    }

    /// <summary>Writes how a schedule came about.</summary>
    public static Task RecordAsync(string path, object outcome, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(path, JsonSerializer.Serialize(outcome, Json), cancellationToken);
}

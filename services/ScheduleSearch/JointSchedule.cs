using System.Text.Json;
using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;

namespace Mlops.ScheduleSearch;

/// <summary>Which layers every stage leaves out, by one knapsack over the scores of all stages.</summary>
internal static class JointSchedule
{
    private const string FileName = "joint_schedule.json", Format = "mlops.joint-schedule/1";

    // Measured with training afterwards: nearer to 1 than this, routing did not win.
    private const double LittleHeadroom = 0.9;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Writes the plan, and what routing gains over one static mask.</summary>
    /// <exception cref="InvalidDataException">Scores and model do not belong together, or the budget is too low.
    /// </exception>
    public static async Task WriteAsync(
        JobContext job, ScheduleSearchOptions options, string outputFolder, CancellationToken cancellationToken)
    {
        var scores = ScoresFolder.Load(await job.FolderAsync("scores", cancellationToken));
        using var model = ModelFamily.ShapeOnly(
            ModelFolder.Config(await job.FolderAsync("model", cancellationToken)));
        var names = model.Layers.Select(layer => layer.Name).ToArray();
        if (!scores.Structures.Select(structure => structure.Name).SequenceEqual(names))
            throw new InvalidDataException("the scores are not of this model's layers; score this model again");
        var (macs, total, values) =
            (MacCounter.LayerCosts(model), MacCounter.Count(model).Macs, scores.PerStageAndLayer());
        var drop = JointSelection.Drop(values, macs, total, scores.Stages, options.Macs);
        double[] kept = [.. drop.Select(layers => 1 - (layers.Sum(layer => macs[layer]) / (double)total))];
        var plan = PruningPlan.FromStages(
            scores.Method, scores.Stages,
            [.. drop.Select(layers => new PlanVariant(layers.Select(layer => names[layer])))],
            kept.Select((ratio, stage) => ratio * scores.Stages.Share(stage)).Sum());
        PlanFile.Save(plan, outputFolder);
        var (loss, still) = (
            JointSelection.Loss(values, drop), JointSelection.StaticLoss(values, macs, total, options.Macs));
        var headroom = still > 0 ? loss / still : 1;
        await File.WriteAllTextAsync(
            Path.Combine(outputFolder, FileName),
            JsonSerializer.Serialize(
                new { Format, scores.Method, options.Macs, Loss = loss, StaticLoss = still, headroom, kept }, Json),
            cancellationToken);
        job.Progress.Report(new(1, FormattableString.Invariant(
            $"{scores.Stages.Count} stages lose {headroom:0.00} of what one static mask loses")
            + (headroom > LittleHeadroom && scores.Stages.Count > 1 ? "; routing has little to win here" : "")));
    }
}

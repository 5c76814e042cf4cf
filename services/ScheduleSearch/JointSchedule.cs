using Mlops.Platform.Jobs;
using Mlops.Pruning.Importance;

namespace Mlops.ScheduleSearch;

/// <summary>Which layers every stage leaves out, by one knapsack over the scores of all stages.</summary>
internal static class JointSchedule
{
    private const string FileName = "joint_schedule.json", Format = "mlops.joint-schedule/1";

    // Measured with training afterwards: nearer to 1 than this, routing did not win.
    private const double LittleHeadroom = 0.9;

    /// <summary>Writes the plan, and what routing gains over one static mask.</summary>
    /// <exception cref="InvalidDataException">Scores and model do not belong together, or the budget is too low.
    /// </exception>
    public static async Task WriteAsync(
        JobContext job, ScheduleSearchOptions options, string outputFolder, CancellationToken cancellationToken)
    {
        var input = await LayerCells.OpenAsync(job, cancellationToken);
        var (scores, macs, total, values) = (input.Scores, input.Macs, input.Total, input.Scores.PerStageAndLayer());
        var drop = Drop(input, options);
        var kept = input.SavePlan(scores.Method, drop, outputFolder);
        var (loss, still) = (
            JointSelection.Loss(values, drop), JointSelection.StaticLoss(values, macs, total, options.Macs));
        var headroom = still > 0 ? loss / still : 1;
        await LayerCells.RecordAsync(
            Path.Combine(outputFolder, FileName),
            new { Format, scores.Method, options.Macs, Loss = loss, StaticLoss = still, headroom, kept },
            cancellationToken);
        job.Progress.Report(new(1, FormattableString.Invariant(
            $"{scores.Stages.Count} stages lose {headroom:0.00} of what one static mask loses")
            + (headroom > LittleHeadroom && scores.Stages.Count > 1 ? "; routing has little to win here" : "")));
    }

    /// <summary>Layers that each stage leaves out.</summary>
    /// <exception cref="InvalidDataException">The budget is too low.</exception>
    public static IReadOnlyList<IReadOnlyList<int>> Drop(LayerCells cells, ScheduleSearchOptions options) =>
        JointSelection.Drop(
            cells.Scores.PerStageAndLayer(), cells.StageMacs, cells.StageTotals, cells.Scores.Stages, options.Macs);
}

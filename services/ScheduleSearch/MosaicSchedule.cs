using Mlops.Diffusion.Schedulers;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Stages;

namespace Mlops.ScheduleSearch;

/// <summary>
/// MosaicDiff's sparsity per stage (<see cref="MosaicStages"/>), with whole layers where the paper has second-order
/// pruned heads and channels: in every stage the set of layers of least score that frees the stage's MACs. What one
/// stage frees beyond its share the next need not.
/// </summary>
internal static class MosaicSchedule
{
    private const string FileName = "mosaic_schedule.json", Format = "mlops.mosaic-schedule/1";

    /// <summary>Writes the plan, and how it came about.</summary>
    /// <exception cref="InvalidDataException">Scores and model do not belong together, or the budget is too low.
    /// </exception>
    public static async Task WriteAsync(
        JobContext job, ScheduleSearchOptions options, string outputFolder, CancellationToken cancellationToken)
    {
        var cells = await LayerCells.OpenAsync(job, cancellationToken);
        var mosaic = MosaicStages.Of(
            NoiseSchedulers.Load(await job.FolderAsync("model", cancellationToken)), options.SnrWeight,
            options.PeakShare);
        if (!mosaic.Bounds.Equals(cells.Scores.Stages))
            throw new InvalidDataException(
                $"the scores are of stages from {Starts(cells.Scores.Stages)}, but MosaicDiff's begin at "
                + $"{Starts(mosaic.Bounds)}; score with stage-rule=mosaic and equal snr-weight and peak-share");

        // Less one, so that a stage without any layer survives rounding.
        var wanted = mosaic.Sparsities(1 - options.Macs, (cells.Macs.Sum() - 1) / (double)cells.Total);
        var drop = Drop(cells, mosaic, wanted);
        var kept = cells.SavePlan(MosaicStages.Method, drop, outputFolder);
        await LayerCells.RecordAsync(
            Path.Combine(outputFolder, FileName),
            new
            {
                Format, options.Macs, options.SnrWeight, options.PeakShare, mosaic.Bounds.Starts,
                mosaic.Importance, Wanted = Array.ConvertAll(wanted, sparsity => 1 - sparsity), kept,
            },
            cancellationToken);
        job.Progress.Report(new(1, FormattableString.Invariant(
            $"stages from {Starts(mosaic.Bounds)} keep {string.Join(", ", kept.Select(ratio => $"{ratio:0.00}"))}")));
    }

    /// <summary>The least important stage first, which so takes the rounding to whole layers.</summary>
    private static int[][] Drop(LayerCells cells, MosaicStages mosaic, double[] wanted)
    {
        var (values, drop, owed) = (cells.Scores.PerStageAndLayer(), new int[MosaicStages.Count][], 0.0);
        foreach (var stage in Enumerable.Range(0, MosaicStages.Count).OrderBy(stage => mosaic.Importance[stage]))
        {
            var share = mosaic.Bounds.Share(stage);
            owed += wanted[stage] * share;
            var sparsity = Math.Clamp(owed / share, 0, wanted[stage]);
            drop[stage] = [.. LayerSelection.Drop(values[stage], cells.Macs, cells.Total, 1 - sparsity)];
            owed -= drop[stage].Sum(layer => cells.Macs[layer]) / (double)cells.Total * share;
        }

        return drop;
    }

    private static string Starts(StageBounds stages) => string.Join(", ", stages.Starts);
}

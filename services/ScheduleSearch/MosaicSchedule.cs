using Mlops.Diffusion.Schedulers;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Search;
using Mlops.Pruning.Stages;

namespace Mlops.ScheduleSearch;

/// <summary>
/// MosaicDiff's sparsity per stage (<see cref="MosaicStages"/>): from scores of channels heads and neurons, as in the
/// paper; from scores of layers in every stage the set of least score that frees the stage's MACs. What one stage frees
/// beyond its share the next need not.
/// </summary>
internal static class MosaicSchedule
{
    private const string FileName = "mosaic_schedule.json", Format = "mlops.mosaic-schedule/1";

    /// <summary>Writes the plan, and how it came about.</summary>
    /// <exception cref="InvalidDataException">Scores and model do not belong together, or the budget is too low.
    /// </exception>
    public static async Task WriteAsync(
        JobContext job, ComputeSlot compute, ScheduleSearchOptions options, string outputFolder,
        CancellationToken cancellationToken)
    {
        var folder = await job.FolderAsync("model", cancellationToken);
        var scores = ScoresFolder.Load(await job.FolderAsync("scores", cancellationToken));
        var mosaic = Stages(NoiseSchedulers.Load(folder), options, scores);
        var (wanted, kept) = scores.Target == ScoreTarget.Channels
            ? await NarrowAsync(job, compute, options, scores, mosaic, outputFolder, cancellationToken)
            : await DropAsync(job, options, mosaic, outputFolder, cancellationToken);
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

    /// <summary>Refuses what cannot be searched.</summary>
    /// <exception cref="InvalidDataException">Scores and model do not belong together, or the budget is too low.
    /// </exception>
    public static void Check(ScheduleSearchOptions options, GivenShape given, ImportanceScores scores)
    {
        var mosaic = Stages(given.Scheduler, options, scores);
        _ = scores.Target == ScoreTarget.Channels
            ? Wanted(mosaic, options, WidthLevels.Of(scores, given.Network, perHead: false, options.Quantum))
            : Wanted(mosaic, options, LayerCells.Of(scores, given.Network));
    }

    private static MosaicStages Stages(
        NoiseScheduler scheduler, ScheduleSearchOptions options, ImportanceScores scores)
    {
        var mosaic = MosaicStages.Of(scheduler, options.SnrWeight, options.PeakShare);
        return mosaic.Bounds.Equals(scores.Stages) ? mosaic : throw new InvalidDataException(
            $"the scores are of stages from {Starts(scores.Stages)}, but MosaicDiff's begin at "
            + $"{Starts(mosaic.Bounds)}; score with stage-rule=mosaic and equal snr-weight and peak-share");
    }

    private static double[] Wanted(MosaicStages mosaic, ScheduleSearchOptions options, StageLevels levels) =>
        mosaic.Sparsities(1 - options.Macs, 1 - levels.Kept[0][^1]);

    // Less one, so that a stage without any layer survives rounding.
    private static double[] Wanted(MosaicStages mosaic, ScheduleSearchOptions options, LayerCells cells) =>
        mosaic.Sparsities(1 - options.Macs, (cells.Macs.Sum() - 1) / (double)cells.Total);

    private static async Task<(double[] Wanted, double[] Kept)> NarrowAsync(
        JobContext job, ComputeSlot compute, ScheduleSearchOptions options, ImportanceScores scores,
        MosaicStages mosaic, string outputFolder, CancellationToken cancellationToken)
    {
        using var model = GivenModel.ShapeOnly(await job.FolderAsync("model", cancellationToken));
        var levels = WidthLevels.Of(scores, model, perHead: false, options.Quantum);
        var wanted = Wanted(mosaic, options, levels);
        var chosen = new int[MosaicStages.Count];
        FreeInTurn(mosaic, wanted, (stage, sparsity) =>
        {
            // The last level frees the most, whatever rounding says of it.
            var level = Enumerable.Range(0, levels.MaxLevel)
                .FirstOrDefault(level => 1 - levels.Kept[stage][level] >= sparsity, levels.MaxLevel);
            chosen[stage] = level;
            return 1 - levels.Kept[stage][level];
        });
        await StagePlan.WriteAsync(
            job, compute, levels, chosen, MosaicStages.Method, outputFolder, cancellationToken);
        return (wanted, [.. chosen.Select((level, stage) => levels.Kept[stage][level])]);
    }

    private static async Task<(double[] Wanted, double[] Kept)> DropAsync(
        JobContext job, ScheduleSearchOptions options, MosaicStages mosaic, string outputFolder,
        CancellationToken cancellationToken)
    {
        var cells = await LayerCells.OpenAsync(job, cancellationToken);
        var wanted = Wanted(mosaic, options, cells);
        var (values, drop) = (cells.Scores.PerStageAndLayer(), new int[MosaicStages.Count][]);
        FreeInTurn(mosaic, wanted, (stage, sparsity) =>
        {
            drop[stage] = [.. LayerSelection.Drop(values[stage], cells.Macs, cells.Total, 1 - sparsity)];
            return drop[stage].Sum(layer => cells.Macs[layer]) / (double)cells.Total;
        });
        return (wanted, cells.SavePlan(MosaicStages.Method, drop, outputFolder));
    }

    /// <summary>The least important stage first, which so takes the rounding to whole layers or heads.</summary>
    /// <param name="free">From a stage and its sparsity to what it really frees.</param>
    private static void FreeInTurn(MosaicStages mosaic, double[] wanted, Func<int, double, double> free)
    {
        var owed = 0.0;
        foreach (var stage in Enumerable.Range(0, MosaicStages.Count).OrderBy(stage => mosaic.Importance[stage]))
        {
            var share = mosaic.Bounds.Share(stage);
            owed += wanted[stage] * share;
            owed -= free(stage, Math.Clamp(owed / share, 0, wanted[stage])) * share;
        }
    }

    private static string Starts(StageBounds stages) => string.Join(", ", stages.Starts);
}

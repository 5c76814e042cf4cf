using Mlops.Platform.Jobs;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;
using Mlops.ScheduleSearch.Probing;
using Mlops.ScheduleSearch.Steps;

namespace Mlops.ScheduleSearch;

/// <summary>
/// A step table (<see cref="StepTableMaker"/>), a joint choice of layers (<see cref="JointSchedule"/>), MosaicDiff's
/// stages (<see cref="MosaicSchedule"/>), or Diff-ES (<see cref="StageSearch"/>).
/// </summary>
public sealed class ScheduleSearcher(ScoreCandidate score, ComputeSlot compute) : IJobWorker
{
    /// <inheritdoc/>
    public string OutputKind => "schedule";

    /// <inheritdoc/>
    public string Protocol => "search-schedule/10";

    /// <summary>The search waits for candidate workers, which need the cores.</summary>
    public bool UsesCompute => false;

    /// <summary>Refuses what cannot be searched for a model.</summary>
    /// <param name="scores">In the form that they will have; null where the job has none, or has read them.</param>
    /// <param name="roles">Of the job's inputs.</param>
    /// <returns>A table for the same sampling runs as the one that will be made; null for a schedule of layers.
    /// </returns>
    /// <exception cref="ArgumentException">A sampler or grid does not fit the model.</exception>
    /// <exception cref="InvalidDataException">What is asked for cannot be made.</exception>
    public static StepTable? Check(
        ScheduleSearchOptions options, GivenShape given, ImportanceScores? scores, IEnumerable<string> roles)
    {
        if (options.CarriesLayers)
            GivenModel.RefuseAny(given.Plan, "a table that carries on layers");
        else if (options.StepMethod is not null)
            GivenModel.RefuseTable(given.Plan);
        else if (!options.IsJoint)
            GivenModel.RefuseRouting(given.Plan, options.IsMosaic ? "mosaicdiff" : "diff-es");
        if (options.StepMethod is { } method)
            return StepTableCheck.Check(options, method, given, roles);
        if (scores is null)
            return null;
        if (options.IsJoint)
            JointSchedule.Drop(LayerCells.Of(scores, given.Network), options);
        else if (options.IsMosaic)
            MosaicSchedule.Check(options, given, scores);
        else if (ProbeMaker.Levels(options, given, scores) is var (levels, steps))
            StageSearch.Space(levels, steps, options);
        return null;
    }

    /// <inheritdoc/>
    public async Task WriteAsync(JobContext job, string outputFolder, CancellationToken cancellationToken)
    {
        var options = job.Options<ScheduleSearchOptions>();
        using (var given = GivenShape.Open(await job.FolderAsync("model", cancellationToken)))
            Check(options, given, scores: null, job.Order.Inputs.Keys);
        await (options switch
        {
            { StepMethod: { } method } => new StepTableMaker(compute).WriteAsync(
                job, options, method, outputFolder, cancellationToken),
            { IsMosaic: true } => MosaicSchedule.WriteAsync(job, compute, options, outputFolder, cancellationToken),
            { IsJoint: true } => JointSchedule.WriteAsync(job, options, outputFolder, cancellationToken),
            _ => new StageSearch(score, compute, job, options).WriteAsync(outputFolder, cancellationToken),
        });
    }
}

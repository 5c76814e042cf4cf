using Mlops.Platform.Jobs;
using Mlops.Pruning.Plans;
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
    public string Protocol => "search-schedule/6";

    /// <summary>The search waits for candidate workers, which need the cores.</summary>
    public bool UsesCompute => false;

    /// <summary>Refuses what cannot be searched for a model that is pruned already.</summary>
    /// <param name="given">Its plan; null for a dense model.</param>
    /// <exception cref="InvalidDataException">The options ask for that.</exception>
    public static void Check(ScheduleSearchOptions options, PruningPlan? given)
    {
        if (options.CarriesLayers)
            GivenModel.RefuseAny(given, "a table that carries on layers");
        else if (options.StepMethod is not null)
            GivenModel.RefuseTable(given);
        else if (!options.IsJoint)
            GivenModel.RefuseRouting(given, options.IsMosaic ? "mosaicdiff" : "diff-es");
    }

    /// <inheritdoc/>
    public async Task WriteAsync(JobContext job, string outputFolder, CancellationToken cancellationToken)
    {
        var options = job.Options<ScheduleSearchOptions>();
        Check(options, PrunedModel.PlanIn(await job.FolderAsync("model", cancellationToken)));
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

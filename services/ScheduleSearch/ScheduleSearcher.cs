using Mlops.Platform.Jobs;
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
    public string Protocol => "search-schedule/3";

    /// <summary>The search waits for candidate workers, which need the cores.</summary>
    public bool UsesCompute => false;

    /// <inheritdoc/>
    public async Task WriteAsync(JobContext job, string outputFolder, CancellationToken cancellationToken)
    {
        var options = job.Options<ScheduleSearchOptions>();
        await (options switch
        {
            { StepMethod: { } method } => new StepTableMaker(compute).WriteAsync(
                job, options, method, outputFolder, cancellationToken),
            { IsMosaic: true } => MosaicSchedule.WriteAsync(job, options, outputFolder, cancellationToken),
            { IsJoint: true } => JointSchedule.WriteAsync(job, options, outputFolder, cancellationToken),
            _ => new StageSearch(score, compute, job, options).WriteAsync(outputFolder, cancellationToken),
        });
    }
}

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
        if (options.StepMethod is { } method)
        {
            await new StepTableMaker(compute).WriteAsync(job, options, method, outputFolder, cancellationToken);
            return;
        }

        if (options.IsMosaic)
        {
            await MosaicSchedule.WriteAsync(job, options, outputFolder, cancellationToken);
            return;
        }

        if (options.IsJoint)
        {
            await JointSchedule.WriteAsync(job, options, outputFolder, cancellationToken);
            return;
        }

        await new StageSearch(score, compute, job, options).WriteAsync(outputFolder, cancellationToken);
    }
}

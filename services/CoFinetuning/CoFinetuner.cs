using Mlops.Diffusion.Sampling;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Alter;
using Mlops.Pruning.Plans;

namespace Mlops.CoFinetuning;

/// <summary>
/// Trains in one loop whose parts are switched by <see cref="CoFinetuneOptions.Mode"/>. Every random draw derives from
/// seed, purpose and step, so that a job that was stopped goes on to the same bytes.
/// </summary>
public sealed class CoFinetuner : IJobWorker
{
    /// <inheritdoc/>
    public string OutputKind => "tuned";

    /// <inheritdoc/>
    public string Protocol => "co-finetune/6";

    /// <summary>Refuses what cannot be trained from a model.</summary>
    /// <param name="stages">Those of the schedule that ALTER will start from; null: not known, or none.</param>
    /// <exception cref="InvalidDataException">It routes already, has no gateable layer, keeps more than the budget
    /// without all of them, has no label for the guidance, or there are more stages than experts.</exception>
    public static void Check(CoFinetuneOptions options, GivenShape given, int? stages = null)
    {
        if (options.Mode is not (TrainingMode.Alter or TrainingMode.Progressive))
            return;
        GivenModel.RefuseRouting(
            given.Plan, options.Mode == TrainingMode.Alter ? "alter" : ProgressiveMasks.Method);
        LayerCosts.Of(given.Network).Target(options.Macs);
        _ = Guidance.Of(given.Network, options.Guidance);
        if (options.Mode == TrainingMode.Alter && options.Experts < stages)
            throw new InvalidDataException(
                $"option 'experts' is {options.Experts}, but the schedule that ALTER starts from has {stages} stages; "
                + "raise 'experts', or lower 'stages' of the scores");
    }

    /// <inheritdoc/>
    public async Task WriteAsync(JobContext job, string outputFolder, CancellationToken cancellationToken)
    {
        var options = job.Options<CoFinetuneOptions>();
        using var inputs = await TrainingInputs.OpenAsync(job, options, cancellationToken);
        using var loop = new TrainingLoop(inputs, options, job.Order.Seed);
        if (await job.Checkpoints.LatestAsync(cancellationToken) is { } latest)
            loop.Load(latest);
        var steps = options.StepCount;
        while (loop.Step < steps)
        {
            LossRow row;
            try
            {
                row = loop.Advance(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                await SaveAsync(job, loop);
                throw;
            }

            job.Progress.Report(new JobProgress((double)row.Step / steps, FormattableString.Invariant(
                $"step {row.Step} of {steps}, loss {row.Loss:0.0000}, kept {row.Kept:0.00}")));
            if (row.Step % options.CheckpointEvery == 0 && row.Step < steps)
                await SaveAsync(job, loop);
        }

        loop.Write(outputFolder);
        if (options.Mode == TrainingMode.Dense)
            SampleSheet.Write(inputs.Backbone, outputFolder, options.Pictures, job.Order.Seed, cancellationToken);
    }

    // Not under the job's token: a cancelled job must still keep what it has.
    private static Task SaveAsync(JobContext job, TrainingLoop loop) =>
        job.Checkpoints.SaveAsync(loop.Save, CancellationToken.None);
}

using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Stages;
using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.ImportanceScoring;

/// <summary>Scores layers by what their absence in a stage does to final samples; cell by cell, in the order that the
/// sampler meets them.</summary>
internal sealed class TrajectoryScoring(
    JobContext job, ImportanceScoringOptions options, Denoiser model, string folder, ScoringCheckpoint checkpoint)
{
    private const string LossesFile = "trajectory.json";

    /// <summary>Scores of all stages.</summary>
    public async Task<ImportanceScores> RunAsync(CancellationToken cancellationToken)
    {
        var sampler = SamplerNames.Resolve(folder, options.Sampler);
        var stages = options.Bounds(SamplerNames.Load(folder, sampler));
        var losses = checkpoint.Find<List<double>>(LossesFile) ?? [];
        var layers = model.Layers.Count;
        while (losses.Count < stages.Count * layers)
        {
            try
            {
                Measure(losses, sampler, stages, cancellationToken);
            }
            finally
            {
                await checkpoint.SaveAsync(LossesFile, losses);
            }
        }

        return new ImportanceScores(TrajectoryLoss.Method, ScoreTarget.Layers, stages,
            [.. model.Layers.Select(layer => new StructureScores(
                layer.Name, [.. Enumerable.Range(0, stages.Count).Select(
                    stage => new[] { losses[((stages.Count - 1 - stage) * layers) + layer.Index] })]))]);
    }

    // The rest of a stage. A dispose scope is a thread's, so nothing is awaited in here.
    private void Measure(
        List<double> losses, string sampler, StageBounds stages, CancellationToken cancellationToken)
    {
        var (layers, cells) = (model.Layers.Count, stages.Count * model.Layers.Count);
        using var scope = NewDisposeScope();
        using var trajectory = new TrajectoryLoss(
            model, Problem(sampler),
            Probes.Draw(model, job.Order.Seed, TrajectoryLoss.Method, options.Probes), stages, cancellationToken);
        // The noisiest stage comes first, here as in the sampler.
        for (var left = layers - (losses.Count % layers); left > 0; left--)
        {
            losses.Add(trajectory.Of(
                stages.Count - 1 - (losses.Count / layers), losses.Count % layers, cancellationToken));
            job.Progress.Report(new JobProgress(
                (double)losses.Count / cells, $"{losses.Count} of {cells} layers and stages left out"));
        }
    }

    private StepProblem Problem(string sampler) => new(
        sampler, () => SamplerNames.Load(folder, sampler), Guidance.Of(model, options.Guidance),
        options.Guidance, options.Steps,
        new StepOptions(UseClippedModelOutput: true), job.Order.Seed);
}

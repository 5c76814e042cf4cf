using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Stages;
using static TorchSharp.torch;

namespace Mlops.ImportanceScoring;

/// <summary>Scores channel groups, with gradients summed over the
/// timesteps of each stage where the criterion needs them.</summary>
internal sealed class ChannelScoring(
    JobContext job, ImportanceScoringOptions options, Denoiser model, NoiseScheduler scheduler) : IDisposable
{
    private readonly Dictionary<string, Tensor> _gradients = new(StringComparer.Ordinal);

    /// <summary>Gradients summed over all stages; empty for criteria without data.</summary>
    public IReadOnlyDictionary<string, Tensor> Gradients => _gradients;

    /// <summary>Scores of every group in every stage.</summary>
    public ImportanceScores Run(CalibrationSet? images, CancellationToken cancellationToken)
    {
        var stages = StageBounds.Even(options.StageCount, scheduler.TrainTimesteps);
        var perStage = Enumerable.Range(0, stages.Count)
            .Select(stage => Stage(stages, stage, images, cancellationToken)).ToArray();
        return new ImportanceScores(
            Name, ScoreTarget.Channels, stages, [.. ChannelGroups.Of(model).Select((group, index) =>
                new StructureScores(group.Root, [.. perStage.Select(groups => groups[index])]))]);
    }

    public void Dispose()
    {
        foreach (var gradient in _gradients.Values)
            gradient.Dispose();
    }

    private string Name => options.Method switch
    {
        ScoringMethod.Random => RandomScore.Method,
        ScoringMethod.Magnitude => MagnitudeScore.Method,
        ScoringMethod.Taylor => TaylorScore.PlainMethod,
        _ => GradientAccumulation.Method,
    };

    private double[][] Stage(
        StageBounds stages, int stage, CalibrationSet? images, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var sums = images is null ? null : Accumulate(stages, stage, images, cancellationToken);
        using var network = NetworkSlicer.Of(model, sums?.Gradients);
        var score = options.Method switch
        {
            ScoringMethod.Random => RandomScore.Channels(job.Order.Seed),
            ScoringMethod.Magnitude => MagnitudeScore.Of,
            ScoringMethod.Taylor => TaylorScore.Plain,
            _ => TaylorScore.DiffPruning,
        };
        return [.. network.Groups.Select(group => score(group, network).ToArray())];
    }

    private AccumulatedGradients Accumulate(
        StageBounds stages, int stage, CalibrationSet images, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var (first, last) = (stages.First(stage), stages.End(stage) - 1);
        var walk = new GradientAccumulation(model, scheduler)
        {
            Threshold = options.Method == ScoringMethod.Taylor ? 0 : options.Threshold,
            Stride = options.Stride,
            Variant = options.Variant,
            Walked = (t, loss) => job.Progress.Report(new JobProgress(
                (double)(t + 1) / stages.Timesteps, $"timestep {t} of stage {stage}, loss {loss:g4}")),
        };
        var sums = walk.Run(images.Batch(0, options.BatchSize), first, last, cancellationToken);
        foreach (var (name, gradient) in sums.Gradients)
            Add(name, gradient);
        return sums;
    }

    private void Add(string name, Tensor gradient)
    {
        if (_gradients.TryGetValue(name, out var sum))
            sum.add_(gradient);
        else
            _gradients[name] = gradient.clone().DetachFromDisposeScope();
    }
}

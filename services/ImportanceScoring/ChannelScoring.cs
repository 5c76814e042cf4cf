using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Obs;
using Mlops.Pruning.Stages;
using static TorchSharp.torch;

namespace Mlops.ImportanceScoring;

/// <summary>Scores channel groups, with gradients summed over the
/// timesteps of each stage where the criterion needs them.</summary>
internal sealed class ChannelScoring(
    JobContext job, ImportanceScoringOptions options, Denoiser model, NoiseScheduler scheduler) : IDisposable
{
    private readonly List<int[]> _walked = [];
    private readonly Dictionary<string, Tensor> _gradients = new(StringComparer.Ordinal);
    private readonly List<Dictionary<string, Tensor>> _hessians = [];

    /// <summary>Gradients summed over all stages; empty for criteria without data.</summary>
    public IReadOnlyDictionary<string, Tensor> Gradients => _gradients;

    /// <summary>[stage] damped Hessians of the layers that consume channels; only of OBS.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, Tensor>> Hessians => _hessians;

    /// <summary>Scores of every group in every stage.</summary>
    /// <exception cref="InvalidDataException">There are too few images.</exception>
    public ImportanceScores Run(CalibrationSet? images, CancellationToken cancellationToken)
    {
        if (options.ObservesInputs)
            images!.Require(options.Samples);
        var stages = options.Bounds(scheduler);
        var perStage = Enumerable.Range(0, stages.Count)
            .Select(stage => Stage(stages, stage, images, cancellationToken)).ToArray();
        return new ImportanceScores(
            options.ScoreName, ScoreTarget.Channels, stages, [.. ChannelGroups.Of(model).Select((group, index) =>
                new StructureScores(group.Root, [.. perStage.Select(groups => groups[index])]))])
        {
            Walked = _walked.Count > 0 ? _walked : null,
        };
    }

    public void Dispose()
    {
        foreach (var tensor in _gradients.Values.Concat(_hessians.SelectMany(stage => stage.Values)))
            tensor.Dispose();
    }

    private double[][] Stage(
        StageBounds stages, int stage, CalibrationSet? images, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        var inputs = options.ObservesInputs ? Observe(stages, stage, images!, cancellationToken) : [];
        using var sums = images is null || options.ObservesInputs
            ? null
            : Accumulate(stages, stage, images, cancellationToken);
        using var network = NetworkSlicer.Of(model, sums?.Gradients);
        var score = options.Method switch
        {
            ScoringMethod.Random => RandomScore.Channels(job.Order.Seed),
            ScoringMethod.Magnitude => MagnitudeScore.Of,
            ScoringMethod.Taylor => TaylorScore.Plain,
            ScoringMethod.Wanda => InputScore.Wanda(inputs),
            ScoringMethod.Activation => InputScore.Activation(inputs),
            ScoringMethod.Obs => ObsPruning.Score(_hessians[stage]),
            _ => TaylorScore.DiffPruning,
        };
        return [.. network.Groups.Select(group => score(group, network).ToArray())];
    }

    /// <summary>Every image, noised, at timesteps spread over the stage, the noisiest first.</summary>
    private Dictionary<string, Tensor> Observe(
        StageBounds stages, int stage, CalibrationSet images, CancellationToken cancellationToken)
    {
        using var noGrad = no_grad();
        using var moments = new InputMoments(model, diagonal: options.Method != ScoringMethod.Obs);
        // A guided sampler's layers see every image without its label too.
        var (predict, halves) = (Guidance.Of(model, options.Guidance), options.Guidance == 1 ? 1 : 2);
        var steps = Math.Min(options.Steps, stages.Length(stage));
        // The paper's weights are for one Hessian of the whole trajectory.
        var weights = options.Method == ScoringMethod.Obs && stages.Count == 1
            ? ObsPruning.Weights(steps)
            : [.. Enumerable.Repeat(1.0, steps)];
        model.eval();
        for (var done = 0; done < options.Samples; done += options.BatchSize)
        {
            using var scope = NewDisposeScope();
            var size = Math.Min(options.BatchSize, options.Samples - done);
            var batch = images.Batch(done / options.BatchSize, done, size);
            for (var step = 0; step < steps; step++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var pass = NewDisposeScope();
                var t = stages.End(stage) - 1 - ((long)step * stages.Length(stage) / steps);
                var asked = batch.At(scheduler, [.. Enumerable.Repeat(t, size)]);
                moments.Weigh(weights[step], halves * size);
                predict(asked.Noisy, asked.Times, batch.Labels);
            }

            job.Progress.Report(new JobProgress(
                (stage + ((double)(done + size) / options.Samples)) / stages.Count,
                $"looked at {done + size} images at {steps} timesteps of stage {stage}"));
        }

        var inputs = moments.Result();
        if (options.Method == ScoringMethod.Obs)
            _hessians.Add(inputs.ToDictionary(
                input => input.Key,
                input => ObsLayer.Damped(input.Value, options.Damping, input.Key).DetachFromDisposeScope()));
        return inputs;
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
        var sums = walk.Run(images.Batch(0, 0, options.BatchSize), first, last, cancellationToken);
        _walked.Add([sums.First, sums.Last]);
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

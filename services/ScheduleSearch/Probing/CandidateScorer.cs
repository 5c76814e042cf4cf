using Mlops.Diffusion;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Search;
using static TorchSharp.torch;

namespace Mlops.ScheduleSearch.Probing;

/// <summary>A dense model and a probe in memory: runs candidates and scores what comes out.</summary>
public sealed class CandidateScorer : IDisposable
{
    private readonly Probe _probe;
    private readonly Denoiser _model;
    private readonly string _modelFolder;
    private readonly WeightPacks? _packs;

    private CandidateScorer(Probe probe, Denoiser model, string modelFolder, WeightPacks? packs) =>
        (_probe, _model, _modelFolder, _packs) = (probe, model, modelFolder, packs);

    /// <summary>Loads the model of a probe, which is owned from here on.</summary>
    /// <param name="scoresFolder">Where levels have weights of their own; else null.</param>
    public static CandidateScorer Load(Probe probe, string modelFolder, string? scoresFolder, Placement placement)
    {
        var model = GivenModel.Load(modelFolder, placement);
        model.eval();
        probe.Settings.Levels.Validate(model);
        return new(
            probe, model, modelFolder,
            scoresFolder is null ? null : CompensatedLevels.Of(probe.Settings.Levels, model, scoresFolder));
    }

    /// <summary>Samples <paramref name="count"/> of the probe's noises, from <paramref name="first"/> on, under a
    /// schedule and returns the fitness; higher is better.</summary>
    /// <exception cref="InvalidDataException">Schedule and probe do not fit, or it has fewer noises.</exception>
    public double Score(IReadOnlyList<int> levels, int first, int count, CancellationToken cancellationToken)
    {
        if (first < 0 || count < 1 || first + count > _probe.Noise.shape[0])
            throw new InvalidDataException(
                $"noises {first} to {first + count - 1} were asked for, but the probe has {_probe.Noise.shape[0]}");
        using var scope = NewDisposeScope();
        var plan = _probe.Settings.Levels.ToPlan(levels);
        // Not disposed: that would dispose the dense model, which the next candidate needs.
        var routed = PrunedModel.Of(_model, plan, ModelFolder.Scheduler(_modelFolder), _packs).Model;
        var samples = Sample(
            routed, _modelFolder, _probe.Settings, _probe.Noise.narrow(0, first, count),
            _probe.Labels?.narrow(0, first, count), first, cancellationToken);
        return Fitness.Score(_probe.Settings.Metric, samples, _probe.Dense.narrow(1, first, count));
    }

    /// <summary>Runs the probe's sampler.</summary>
    /// <param name="first">Index of the first noise, from which step noise derives.</param>
    /// <returns>[1, N, C, H, W] samples, or [steps, N, C, H, W] states after every step where they are judged; in the
    /// caller's dispose scope.</returns>
    internal static Tensor Sample(
        Denoiser model, string modelFolder, ProbeSettings settings, Tensor noise, Tensor? labels, int first,
        CancellationToken cancellationToken)
    {
        var options = new SamplerOptions(
            settings.Steps, settings.Seed, Step: new StepOptions(UseClippedModelOutput: settings.Clipped));
        var sampler = new Sampler(SamplerNames.Load(modelFolder, settings.Sampler), options)
        {
            StepNoise = (step, index, state) => EqualNoise.Step(
                (long)Seeds.Of(settings.Seed, "search-step-noise"), step, first + index, state),
        };
        using var scope = NewDisposeScope();
        var states = settings.Trajectory ? zeros([settings.Steps, .. noise.shape], device: noise.device) : null;
        var samples = sampler.Sample(
            Guidance.Of(model, settings.Guidance), noise, labels, states is null ? null : Keep, cancellationToken);
        return (states ?? samples.unsqueeze(0)).MoveToOuterDisposeScope();

        void Keep(SamplerStep step) => states[step.Index].narrow(0, step.FirstSample, step.State.shape[0])
            .copy_(step.State);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _probe.Dispose();
        _packs?.Dispose();
        _model.Dispose();
    }
}

using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Pruning.Plans;
using static TorchSharp.torch;

namespace Mlops.ScheduleSearch.Probing;

/// <summary>A dense model and a probe in memory: runs candidates and scores what comes out.</summary>
public sealed class CandidateScorer : IDisposable
{
    private readonly Probe _probe;
    private readonly Denoiser _model;
    private readonly string _modelFolder;

    private CandidateScorer(Probe probe, Denoiser model, string modelFolder) =>
        (_probe, _model, _modelFolder) = (probe, model, modelFolder);

    /// <summary>Loads the model of a probe, which is owned from here on.</summary>
    public static CandidateScorer Load(Probe probe, string modelFolder, Placement placement)
    {
        var model = ModelFolder.Load(modelFolder, placement);
        model.eval();
        probe.Settings.Orders.Validate(model.Layers);
        return new(probe, model, modelFolder);
    }

    /// <summary>Samples the probe's noises under a schedule and returns the fitness; higher is better.</summary>
    public double Score(IReadOnlyList<int> levels, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var plan = _probe.Settings.Orders.ToPlan(levels, _probe.Settings.KeptRatio(levels));
        // Not disposed: that would dispose the dense model, which the next candidate needs.
        var routed = PrunedModel.Of(_model, plan, ModelFolder.Scheduler(_modelFolder)).Model;
        var samples = Sample(
            routed, _modelFolder, _probe.Settings, _probe.Noise, _probe.Labels, cancellationToken);
        return Fitness.Score(_probe.Settings.Metric, samples, _probe.Dense);
    }

    /// <summary>Runs the probe's sampler; the samples [N, C, H, W] belong to the caller's dispose scope.</summary>
    internal static Tensor Sample(
        Denoiser model, string modelFolder, ProbeSettings settings, Tensor noise, Tensor? labels,
        CancellationToken cancellationToken)
    {
        var sampler = new Sampler(
            SamplerNames.Load(modelFolder, settings.Sampler), new SamplerOptions(settings.Steps, settings.Seed));
        return sampler.Sample(Guidance.Plain(model), noise, labels, cancellationToken: cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _probe.Dispose();
        _model.Dispose();
    }
}

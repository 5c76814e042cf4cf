using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Alter;
using Mlops.Pruning.Steps;
using static TorchSharp.torch;
using Prediction = Mlops.Diffusion.Sampling.Prediction;

namespace Mlops.CoFinetuning;

/// <summary>Judges masks by what they do to final samples: the distance to the teacher's from equal noise, on noises
/// that nothing was learned from. The teacher is sampled once.</summary>
internal sealed class MaskProbes : IDisposable
{
    private readonly TrainingInputs _inputs;
    private readonly SamplerOptions _sampling;
    private readonly Probes _probes;
    private readonly Tensor _dense;
    private readonly double _guidance;

    /// <param name="purpose">Word of the random stream of the noises.</param>
    public MaskProbes(TrainingInputs inputs, CoFinetuneOptions options, long seed, string purpose)
    {
        var teacher = inputs.Teacher ?? throw new InvalidOperationException("masks are judged by a teacher's samples");
        using var scope = NewDisposeScope();
        var (noise, labels) = Probes.Draw(teacher, seed, purpose, options.Probes);
        (_inputs, _sampling) = (inputs, new SamplerOptions(
            options.ProbeSteps, seed, options.Images, new StepOptions(UseClippedModelOutput: true)));
        _probes = new(noise.DetachFromDisposeScope(), labels?.DetachFromDisposeScope());
        _guidance = options.Guidance;
        _dense = Sample(Guidance.Plain(teacher)).DetachFromDisposeScope();
    }

    /// <summary>Mean squared distance of final samples under a table, relative to the variance of the teacher's.
    /// </summary>
    /// <param name="network">Whose; null: the backbone's.</param>
    public double Distance(HardTable table, Denoiser? network = null)
    {
        using var scope = NewDisposeScope();
        network ??= _inputs.Backbone;
        network.eval();
        var routing = new LayerRouting(
            table.Experts, table.Route, FlowTime.RowsOf(_inputs.Scheduler, table.Route.Count));
        return RelativeError.Mean(
            Sample((sample, timestep, labels) => routing.Predict(
                _ => network.Predict, sample, timestep, labels, control: null)),
            _dense);
    }

    public void Dispose()
    {
        _probes.Noise.Dispose();
        _probes.Labels?.Dispose();
        _dense.Dispose();
    }

    private Tensor Sample(Prediction network)
    {
        using var noGrad = no_grad();
        return new Sampler(
            NoiseSchedulers.Convert(_inputs.Scheduler, SamplerNames.Deterministic(_inputs.Scheduler)), _sampling)
            .Sample(
                Guidance.Of(network, _guidance, _inputs.Backbone.NullLabel), _probes.Noise, _probes.Labels);
    }
}

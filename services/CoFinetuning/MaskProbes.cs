using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Alter;
using Mlops.Pruning.Steps;
using static TorchSharp.torch;
using Prediction = Mlops.Diffusion.Sampling.Prediction;

namespace Mlops.CoFinetuning;

/// <summary>Judges masks by what they do to final samples: the distance to the teacher's from equal noise, on noises
/// that nothing was learned from.</summary>
internal static class MaskProbes
{
    private const int Count = 16, Steps = 20;

    /// <summary>Mean squared distance of final samples under a table, relative to the variance of the teacher's.
    /// </summary>
    public static double Distance(TrainingInputs inputs, long seed, HardTable table)
    {
        var teacher = inputs.Teacher ?? throw new InvalidOperationException("masks are judged by a teacher's samples");
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        inputs.Backbone.eval();
        var (noise, labels) = Probes.Draw(teacher, seed, "alter-probes", Count);
        return RelativeError.Mean(
            Sample(Masked(inputs.Backbone, table, inputs.Scheduler)), Sample(Guidance.Plain(teacher)));

        Tensor Sample(Prediction network) => new Sampler(
            NoiseSchedulers.Convert(inputs.Scheduler, SamplerNames.Deterministic(inputs.Scheduler)),
            new SamplerOptions(Steps, seed, Count, new StepOptions(UseClippedModelOutput: true)))
            .Sample(network, noise, labels);
    }

    private static Prediction Masked(Denoiser backbone, HardTable table, NoiseScheduler scheduler)
    {
        var routing = new LayerRouting(table.Experts, table.Route, FlowTime.RowsOf(scheduler, table.Route.Count));
        return (sample, timestep, labels) => routing.Predict(
            _ => backbone.Predict, sample, timestep, labels, control: null);
    }
}

using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Pruning.Stages;
using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.Pruning.Importance;

/// <summary>
/// What a layer's absence in one stage does to the final sample: the mean squared distance to the dense sample of equal
/// noise, the layer left out at that stage's sampler steps only. Where the output loss wants MACs at the clean end,
/// this wants them at the noisy one, whose errors the later steps carry on.
/// </summary>
public sealed class TrajectoryLoss : IDisposable
{
    /// <summary>The method's name in options and files.</summary>
    public const string Method = "trajectory-loss";

    private readonly int[] _stageAt;
    private readonly Trajectory _tried;
    private readonly Tensor _dense;

    /// <param name="model">The dense network, which <paramref name="problem"/> samples.</param>
    /// <exception cref="InvalidDataException">A stage has no step of the sampler.</exception>
    public TrajectoryLoss(
        Denoiser model, StepProblem problem, Probes probes, StageBounds stages, CancellationToken cancellationToken)
    {
        // Variant 0 is the whole network, variant l + 1 lacks layer l; nothing here asks for prices.
        var networks = Enumerable.Range(-1, model.Layers.Count + 1)
            .Select(layer => Without(model, layer, problem.Guidance));
        _tried = Trajectory.Start(problem with { Variants = new([.. networks], []) }, probes);
        _stageAt = stages.OfSteps(_tried.Scheduler, problem.Steps);
        _dense = _tried.Follow(Actions(stage: 0, layer: -1), cancellationToken).clone().DetachFromDisposeScope();
    }

    /// <summary>The loss of one cell. Cheapest in the sampler's order: stages from the noisy end on, so that the steps
    /// before a stage are run once for all its layers.</summary>
    public double Of(int stage, int layer, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var samples = _tried.Follow(Actions(stage, layer), cancellationToken);
        return (samples - _dense).square().mean().to(float64).item<double>();
    }

    public void Dispose()
    {
        _tried.Dispose();
        _dense.Dispose();
    }

    private StepAction[] Actions(int stage, int layer) =>
        Array.ConvertAll(_stageAt, at => (StepAction)new StepAction.Run(at == stage ? layer + 1 : 0));

    private static Prediction Without(Denoiser model, int layer, double guidance)
    {
        var control = layer < 0 ? null : LayerControl.Without(layer, model.Layers);
        return Guidance.Of(
            (sample, timestep, labels) => model.Predict(sample, timestep, labels, control), guidance, model.NullLabel);
    }
}

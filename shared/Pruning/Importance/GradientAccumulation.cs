using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using Mlops.Diffusion.Training;
using static TorchSharp.torch;

namespace Mlops.Pruning.Importance;

/// <summary>Which of Diff-Pruning's two published scripts is followed.</summary>
public enum TaylorVariant
{
    /// <summary>Mean over all elements; a timestep below the threshold is still added, and is the last.</summary>
    Hf,

    /// <summary>Sum over pixels, mean over the batch; a timestep below the threshold is left out.</summary>
    Exp,
}

/// <summary>What <see cref="GradientAccumulation"/> saw.</summary>
/// <param name="Losses">One loss per timestep walked, from the first of the interval on, as the error of ε.</param>
/// <param name="First">First timestep whose gradient was added.</param>
/// <param name="Last">Last timestep whose gradient was added.</param>
/// <param name="Gradients">Summed gradients by parameter name, owned by the caller.</param>
public sealed record AccumulatedGradients(
    IReadOnlyList<double> Losses, int First, int Last, double LossMax, IReadOnlyDictionary<string, Tensor> Gradients)
    : IDisposable
{
    public void Dispose()
    {
        foreach (var gradient in Gradients.Values)
            gradient.Dispose();
    }
}

/// <summary>
/// Diff-Pruning's timestep selection (arXiv 2305.10924, public code): one batch with one noise draw is walked over
/// t = first, first + stride, …; signed gradients add up; the walk ends at the first t whose loss L_t is below
/// T · max L so far. The loss of ε falls with t, so a prefix of clean timesteps counts. Our changes: the walk may start
/// at any stage of the trajectory, and what a network predicts otherwise is compared by the error of the ε that follows
/// from it, because the loss of v or x_0 does not fall with t.
/// </summary>
public sealed class GradientAccumulation(Denoiser model, NoiseScheduler scheduler)
{
    /// <summary>The method's name in options and files.</summary>
    public const string Method = "diff-pruning";

    /// <summary>Where the loss is compared: 0 walks the whole interval, which is the plain Taylor criterion.</summary>
    public double Threshold { get; init; } = 0.05;

    /// <summary>Distance between two timesteps of the walk; the published scripts take every one.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Which published script is followed.</summary>
    public TaylorVariant Variant { get; init; } = TaylorVariant.Hf;

    /// <summary>Called after every timestep with its loss.</summary>
    public Action<int, double>? Walked { get; init; }

    /// <summary>Walks the timesteps first … last. The model's own gradients are cleared before and after.</summary>
    /// <exception cref="InvalidDataException">A loss is not finite.</exception>
    public AccumulatedGradients Run(CalibrationBatch batch, int first, int last, CancellationToken cancellationToken)
    {
        if (Threshold is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(Threshold), Threshold, "must be in [0, 1)");
        ArgumentOutOfRangeException.ThrowIfLessThan(Stride, 1);

        var losses = new List<double>();
        var (lossMax, lastAdded) = (0.0, first);
        model.eval();
        model.zero_grad();
        for (var t = first; t <= last; t += Stride)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var loss = Loss(batch, t);
            losses.Add(NoiseErrorPerLoss(t) * loss.to(float64).item<double>());
            if (!double.IsFinite(losses[^1]))
                throw new InvalidDataException(
                    $"the loss at timestep {t} is {losses[^1]}; use a model whose training did not diverge");
            lossMax = Math.Max(lossMax, losses[^1]);
            var below = losses[^1] < lossMax * Threshold;
            if (below && Variant == TaylorVariant.Exp)
                break;
            loss.backward();
            lastAdded = t;
            Walked?.Invoke(t, losses[^1]);
            if (below)
                break;
        }

        return new AccumulatedGradients(losses, first, lastAdded, lossMax, TakeGradients());
    }

    /// <summary>‖Δε‖² / ‖Δprediction‖² at the same input: ε = α·v + σ·x, = (x − α·x_0)/σ, = x + α·dx/ds.</summary>
    private double NoiseErrorPerLoss(int t)
    {
        var time = CalibrationBatch.TimeOf(scheduler, t);
        var (alpha, sigma) = scheduler.Schedule is { } schedule
            ? NoiseLevel.Of(schedule.AlphaBars[t])
            : new NoiseLevel(1 - time, time);
        return scheduler.Prediction switch
        {
            PredictionKind.Epsilon => 1,
            PredictionKind.Sample => alpha * alpha / (sigma * sigma),
            _ => alpha * alpha,
        };
    }

    private Tensor Loss(CalibrationBatch batch, int t)
    {
        using var scope = NewDisposeScope();
        var asked = batch.At(scheduler, [.. Enumerable.Repeat((long)t, (int)batch.Count)]);
        var answer = model.Predict(asked.Noisy, asked.Times, batch.Labels);
        // The mean over all elements times the elements of a sample is the other script's sum over pixels.
        var mean = new Objective(scheduler).Loss(answer, asked);
        return (Variant == TaylorVariant.Hf ? mean : mean * (asked.Target.numel() / batch.Count))
            .MoveToOuterDisposeScope();
    }

    private Dictionary<string, Tensor> TakeGradients()
    {
        var gradients = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, parameter) in model.Present())
        {
            using var scope = NewDisposeScope();
            if (parameter.grad is { } gradient)
                gradients[name] = gradient.detach().clone().DetachFromDisposeScope();
            else if (model.Routing is not null)     // its layer runs at none of these timesteps
                gradients[name] = zeros_like(parameter).detach().DetachFromDisposeScope();
        }

        model.zero_grad();
        return gradients;
    }
}

using static TorchSharp.torch;

namespace Mlops.Diffusion.Sampling;

/// <summary>Heun's second-order method on dx/ds = v(x, s) with s falling evenly from 1 to 0 (Ma et al. 2024, SiT, with
/// the clock turned round); the network gets T·s as its time.</summary>
public static class FlowHeun
{
    /// <summary>Integrates from noise at s = 1 to a sample at s = 0.</summary>
    /// <param name="predict">Velocity network; guidance applied.</param>
    /// <param name="noise">State at s = 1 [N, C, H, W].</param>
    /// <param name="steps">Number of steps; the network runs twice in each.</param>
    /// <param name="labels">One class per sample, or null.</param>
    /// <param name="trainTimesteps">T.</param>
    /// <param name="onStep">Sees index, state after the step, velocity at the start and at the predicted end.</param>
    /// <returns>[N, C, H, W] in the caller's dispose scope.</returns>
    public static Tensor Sample(
        Prediction predict, Tensor noise, int steps, Tensor? labels = null, int trainTimesteps = 1000,
        Action<int, Tensor, Tensor, Tensor>? onStep = null, CancellationToken cancellationToken = default)
    {
        if (steps < 1)
            throw new ArgumentOutOfRangeException(nameof(steps), steps, "sampling steps must be at least 1.");
        using var noGrad = no_grad();
        var state = noise.clone();
        for (var step = 0; step < steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            double s = 1 - ((double)step / steps), end = 1 - ((step + 1.0) / steps);
            var start = Velocity(state, s);
            var predicted = state + (start * (end - s));
            var finish = Velocity(predicted, end);
            var next = state + ((start + finish) * ((end - s) / 2));
            onStep?.Invoke(step, next, start, finish);
            state.Dispose();
            state = next.MoveToOuterDisposeScope();
        }

        return state;

        Tensor Velocity(Tensor x, double s) => Guidance.KeepChannels(
            predict(x, tensor([(float)(s * trainTimesteps)], float32, x.device), labels), x.shape[1]);
    }
}

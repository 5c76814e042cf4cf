using Mlops.Diffusion.Models;
using Mlops.Diffusion.Training;
using static TorchSharp.torch;

namespace Mlops.Pruning.Alter;

/// <summary>What each gate is worth on the weights as they are: how much further from the dense network's output the
/// masked one is without the gate's layer than with it, all other gates as a table has them.</summary>
public static class GateWorth
{
    /// <summary>Mean squared distances, [expert][layer]; negative where a layer does harm, 0 for experts that no
    /// timestep chooses.</summary>
    /// <param name="masked">The network whose layers the table leaves out.</param>
    /// <param name="dense">The network that is imitated.</param>
    /// <param name="batch">Noised samples at timesteps of an expert, in the caller's scope.</param>
    public static double[][] Measure(Denoiser masked, Denoiser dense, HardTable table, Func<int, TrainingBatch> batch)
    {
        using var noGrad = no_grad();
        masked.eval();
        var coverage = table.Coverage();
        return [.. table.Experts.Select((mask, expert) => coverage[expert] == 0
            ? new double[mask.Length]
            : Measure(masked, dense, mask, batch(expert)))];
    }

    private static double[] Measure(Denoiser masked, Denoiser dense, bool[] mask, TrainingBatch batch)
    {
        using var scope = NewDisposeScope();
        var wanted = dense.Predict(batch.Noisy, batch.Times, batch.Labels);
        var now = Distance(mask);
        return [.. mask.Select((runs, layer) =>
        {
            var flipped = mask.ToArray();
            flipped[layer] = !runs;
            var other = Distance(flipped);
            return runs ? other - now : now - other;
        })];

        double Distance(bool[] run)
        {
            using var pass = NewDisposeScope();
            return (masked.Predict(batch.Noisy, batch.Times, batch.Labels, new LayerControl { Run = run }) - wanted)
                .to(float64).square().mean().item<double>();
        }
    }
}

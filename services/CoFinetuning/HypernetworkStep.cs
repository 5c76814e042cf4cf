using Mlops.Diffusion;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Training;
using Mlops.Pruning.Alter;
using static TorchSharp.torch;

namespace Mlops.CoFinetuning;

/// <summary>The terms of the hypernetwork's loss at one step.</summary>
internal sealed record HypernetworkLosses(double Performance, double Soft, double Ratio, double Balance)
{
    /// <summary>The unweighted sum: not a number if any term is none.</summary>
    public double Total => Performance + Ratio + Balance;
}

/// <summary>
/// One gradient of the hypernetwork: L_H = L_perf + λ_ratio·L_ratio + λ_bal·L_balance (ALTER, arXiv 2505.21817, section
/// 3.4, step 2) with soft masks, the backbone frozen, and a teacher that runs every layer on the same noise.
/// </summary>
internal sealed class HypernetworkStep(
    AlterNetwork network, Denoiser backbone, Denoiser teacher, LayerCosts costs, CoFinetuneOptions options,
    long seed) : IDisposable
{
    private readonly Distillation _weights = options.DistillationOf(backbone);
    private readonly Tensor _shares =
        tensor(costs.Shares.Select(share => (float)share).ToArray(), device: network.Device).DetachFromDisposeScope();
    private readonly double _target = costs.Target(options.Macs);
    private readonly AlterSettings _settings = options.Alter;

    /// <summary>Leaves the gradient in the hypernetwork's weights.</summary>
    public HypernetworkLosses Backward(TrainingBatch batch, int step)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(Seeds.Of(seed, "alter-masks", step));
        Freeze(true);
        network.zero_grad();
        var draw = network.Soft(generator, _settings.StraightThrough, _settings.TauAt(step, options.Window));
        var gates = draw.Masks.index_select(0, batch.RowIndex()); // [T, N_L] -> [N, N_L]
        var target = BackboneStep.Teacher(teacher, _weights, batch);
        var student = ForwardPass.Of(backbone, batch, _weights.Feature > 0, gates: gates);
        var performance = _weights.Loss(student, target, batch.Target);
        var soft = _settings.ExpectedBudget
            ? AlterLosses.ExpectedShare(network, _shares)
            : AlterLosses.SoftShare(draw.Masks, _shares);
        var ratio = _settings.ExpectedBudget
            ? AlterLosses.SquaredRatio(soft, _target)
            : AlterLosses.Ratio(soft, _target);
        var balance = AlterLosses.Balance(draw.Route, draw.Probabilities);
        (performance + ratio * options.RatioWeight + balance * options.BalanceWeight).backward();
        Freeze(false);
        return new HypernetworkLosses(
            performance.item<float>(), costs.SmallestRatio + soft.item<float>(), ratio.item<float>(),
            balance.item<float>());
    }

    /// <inheritdoc/>
    public void Dispose() => _shares.Dispose();

    // Weights of a frozen backbone take no gradient, which also saves a third of the backward pass.
    private void Freeze(bool frozen)
    {
        backbone.train(!frozen);
        foreach (var weight in backbone.parameters())
            weight.requires_grad_(!frozen);
    }
}

using Mlops.Diffusion;
using Mlops.Pruning.Groups;
using static TorchSharp.torch;

namespace Mlops.Pruning.Importance;

/// <summary>
/// Scores from what goes into the layer that consumes a channel: <c>wanda</c> is Σ|W_ij|·‖x_j‖₂ over that layer's
/// rows i (arXiv 2306.11695, whose scores of single weights are here added up over the column), <c>activation</c> is
/// ‖x_j‖₂ alone.
/// </summary>
public static class InputScore
{
    /// <summary>Names of the methods in options and files.</summary>
    public const string WandaMethod = "wanda", ActivationMethod = "activation";

    /// <summary>Weights times norms.</summary>
    /// <param name="squares">Mean squares of the inputs by module, [features].</param>
    public static ChannelScore Wanda(IReadOnlyDictionary<string, Tensor> squares) =>
        Of(squares, (weight, norms) => (weight.abs() * norms).sum(0L));

    /// <summary>Norms alone.</summary>
    /// <param name="squares">Mean squares of the inputs by module, [features].</param>
    public static ChannelScore Activation(IReadOnlyDictionary<string, Tensor> squares) =>
        Of(squares, (_, norms) => norms);

    private static ChannelScore Of(IReadOnlyDictionary<string, Tensor> squares, Func<Tensor, Tensor, Tensor> score) =>
        (group, network) =>
        {
            using var scope = NewDisposeScope();
            var consumer = InputMoments.Consumer(group);
            return score(network.Weights[$"{consumer}.weight"].to(float64), squares[consumer].sqrt()).Doubles();
        };
}

using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// Random Fourier features of log t (Song et al. 2021, score SDE, appendix C): [sin(2π·w·ln t), cos(2π·w·ln t)] with
/// fixed random frequencies w.
/// </summary>
public sealed class FourierFeatures : NamedModule
{
    internal FourierFeatures(long frequencies)
        : base("GaussianFourierProjection") =>
        register_parameter("weight", new Parameter(empty(frequencies, device: META), requires_grad: false));

    /// <summary>The frequencies w; never trained.</summary>
    public Parameter Weight
    {
        get => get_parameter("weight")!;
        internal set
        {
            Weight.Dispose();
            value.DetachFromDisposeScope();
            ConditionallyRegisterParameter("weight", value);
        }
    }

    /// <summary>[N] to [N, 2·frequencies], float32.</summary>
    public Tensor Forward(Tensor timesteps)
    {
        using var scope = NewDisposeScope();
        var frequencies = Weight.to_type(ScalarType.Float32);
        var times = timesteps.to_type(ScalarType.Float32).log();
        var angles = times.unsqueeze(1) * frequencies.unsqueeze(0) * (2 * Math.PI);
        return scope.MoveToOuter(cat([angles.sin(), angles.cos()], 1));
    }
}

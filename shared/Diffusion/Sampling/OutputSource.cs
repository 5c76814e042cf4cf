using Mlops.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Sampling;

/// <summary>What the output of one sampler step is made from; the tensors live only during the step, unless they are
/// moved to the outer dispose scope, which is that of the whole sampling run.</summary>
/// <param name="Step">Index in the grid.</param>
/// <param name="Input">The network's input [N, C, H, W].</param>
/// <param name="Level">Its α and σ.</param>
/// <param name="Time">Model time [1].</param>
/// <param name="Labels">Class labels [N], or null.</param>
/// <param name="Network">The network, guidance applied.</param>
public sealed record OutputRequest(
    int Step, Tensor Input, NoiseLevel Level, Tensor Time, Tensor? Labels, Prediction Network)
{
    /// <summary>Calls the network.</summary>
    public Tensor Run(Prediction? network = null) => (network ?? Network)(Input, Time, Labels);
}

/// <summary>Gives the output of a step, from the network or from something cheaper; belongs to the caller's dispose
/// scope.</summary>
public delegate Tensor OutputSource(OutputRequest request);

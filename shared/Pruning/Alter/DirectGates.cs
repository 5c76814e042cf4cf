using Mlops.Diffusion.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Pruning.Alter;

/// <summary>Gate logits that are weights themselves, instead of a generator's output: every (expert, layer) pair can be
/// decided alone, which short windows need. Not part of ALTER's paper.</summary>
public sealed class DirectGates : NamedModule
{
    // Adam moves every weight by about its rate per step, and these have to go further than those of a network.
    private const double Scale = 20;

    private readonly Parameter _weight;

    /// <param name="layers">N_L: number of gateable layers.</param>
    public DirectGates(int experts, int layers, Device device) : base(nameof(DirectGates))
    {
        _weight = new Parameter(zeros([experts, layers], float32, device).DetachFromDisposeScope());
        _weight.DetachFromDisposeScope();
        register_parameter("weight", _weight);
    }

    /// <summary>Gate logits [N_e, N_L], in the caller's scope.</summary>
    public Tensor Logits() => _weight * Scale;
}

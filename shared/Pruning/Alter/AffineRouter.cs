using Mlops.Diffusion.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Pruning.Alter;

/// <summary>A router whose logits are affine in t: α_e + β_e·u, u = N_e·t/T. The largest of affine functions is an
/// upper envelope, so that every expert serves at most one interval of the trajectory, where the paper's network makes
/// stripes of many. It starts with equal intervals, whose borders it can move. Not part of ALTER's paper.</summary>
public sealed class AffineRouter : NamedModule
{
    // Up to a term without e, the logits are −k(u − c_e)² with c_e the middle of an interval: there k apart.
    private const double Sharpness = 8;

    private readonly Tensor _times;
    private readonly Parameter _slope, _intercept;

    /// <param name="timesteps">T: number of native timesteps.</param>
    public AffineRouter(int experts, int timesteps, Device device) : base(nameof(AffineRouter))
    {
        using var scope = NewDisposeScope();
        var middles = arange(experts, float32, device) + 0.5;
        _times = (arange(timesteps, float32, device) * ((double)experts / timesteps)).DetachFromDisposeScope();
        _slope = new Parameter((middles * (2 * Sharpness)).DetachFromDisposeScope());
        _intercept = new Parameter((middles.square() * -Sharpness).DetachFromDisposeScope());
        register_buffer("times", _times);
        register_parameter("slope", _slope);
        register_parameter("intercept", _intercept);
        _slope.DetachFromDisposeScope();
        _intercept.DetachFromDisposeScope();
    }

    /// <summary>Moves the borders, sharp as they are: expert e begins where a table of ascending intervals says.
    /// </summary>
    public void StartFrom(HardTable table)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        // Logits of neighbors are 2k(u − border) apart.
        var unit = (double)_intercept.shape[0] / table.Route.Count;
        var intercepts = new float[_intercept.shape[0]];
        intercepts[0] = (float)(-Sharpness / 4);
        for (var expert = 1; expert < intercepts.Length; expert++)
        {
            var begin = table.Route.TakeWhile(choice => choice < expert).Count();
            intercepts[expert] = intercepts[expert - 1] - (float)(2 * Sharpness * (begin - 0.5) * unit);
        }

        _intercept.copy_(tensor(intercepts, device: _intercept.device));
    }

    /// <summary>Routing logits [T, N_e], in the caller's scope.</summary>
    public Tensor Logits()
    {
        using var scope = NewDisposeScope();
        // [T, 1] · [N_e] -> [T, N_e]; without their common part, so that the largest is near 0.
        var logits = (_times.unsqueeze(1) * _slope) + _intercept;
        return (logits - logits.amax([1L], keepdim: true).detach()).MoveToOuterDisposeScope();
    }
}

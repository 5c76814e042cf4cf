using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>Two linear layers around a non-linearity, which may be a gated unit (Shazeer 2020).</summary>
public sealed class FeedForward : NamedModule
{
    /// <summary>What <c>activation_fn</c> of a transformer may say.</summary>
    public static readonly string[] Activations =
        ["gelu-approximate", "gelu", "geglu", "geglu-approximate", "swiglu", "linear-silu"];

    private const int Expansion = 4;
    private readonly string _activation;

    internal FeedForward(long width, string activation)
        : base(nameof(FeedForward))
    {
        _activation = activation;
        In = new ProjectedActivation(width, Expansion * width * (IsGated ? 2 : 1));
        Out = nn.Linear(Expansion * width, width, device: META);
        // Between the two, diffusers has a dropout: a position without weights.
        Register<nn.Module>("net", [In, nn.Identity(), Out]);
    }

    /// <summary>Whether half of the hidden rows multiply the other half.</summary>
    public bool IsGated => _activation is "geglu" or "swiglu";

    /// <summary>The layer in front of the non-linearity.</summary>
    public Linear Projection => In.Projection;

    /// <summary>The layer behind it.</summary>
    public Linear Out { get; }

    private ProjectedActivation In { get; }

    /// <summary>[…, C] to […, C].</summary>
    /// <param name="kept">Hidden neurons that take part; null: all.</param>
    internal Tensor Forward(Tensor x, Tensor? kept = null)
    {
        using var scope = NewDisposeScope();
        var rows = kept is null || !IsGated ? kept : cat([kept, kept + (Projection.weight.shape[0] / 2)]);
        return scope.MoveToOuter(Out.Apply(Activate(Projection.Apply(x, rows, null)), null, kept));
    }

    private Tensor Activate(Tensor h)
    {
        if (!IsGated)
            return _activation switch
            {
                "gelu-approximate" => h.gelu(GELU.Approximate.tanh),
                "gelu" => h.gelu(),
                "geglu-approximate" => h * (h * 1.702).sigmoid(),
                _ => nn.functional.silu(h),
            };
        var halves = h.chunk(2, -1);
        return halves[0] * (_activation == "geglu" ? halves[1].gelu() : nn.functional.silu(halves[1]));
    }

    private sealed class ProjectedActivation : NamedModule
    {
        public ProjectedActivation(long width, long hidden)
            : base(nameof(ProjectedActivation)) =>
            Projection = Register("proj", nn.Linear(width, hidden, device: META));

        public Linear Projection { get; }
    }
}

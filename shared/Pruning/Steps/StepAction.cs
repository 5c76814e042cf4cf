namespace Mlops.Pruning.Steps;

/// <summary>Which quantity of a network's output is carried on to later steps, at the network's input x = α·x_0 + σ·ε.
/// </summary>
public enum ForecastKind
{
    /// <summary>v = α·ε − σ·x_0; for flow matching ε − x_0.</summary>
    Velocity,

    /// <summary>The noise ε.</summary>
    Noise,

    /// <summary>The clean sample x_0, not clipped; with β = 0 this is a larger step of the sampler.</summary>
    Clean,
}

/// <summary>What of a layer is carried on to later steps.</summary>
public enum LayerCarry
{
    /// <summary>What it adds to its bypass: r = f(x) − x, where x goes through the layer's 1×1 convolution if it has
    /// one.</summary>
    Residual,

    /// <summary>All that it puts out, so that nothing before it matters.</summary>
    Output,
}

/// <summary>What one sampler step does for its output.</summary>
public abstract record StepAction
{
    private StepAction()
    {
    }

    /// <summary>Calls the network.</summary>
    /// <param name="Variant">Index into the pruning plan's variants; 0 where there is no plan.</param>
    public sealed record Run(int Variant = 0) : StepAction;

    /// <summary>Calls nothing: q(s) = q(a) + β·h·q′(a) + γ·h²/2·q″(a) with h = s − a and backward differences over the
    /// last steps that ran, a, a′ and a″: q′(a) = (q(a) − q(a′))/(a − a′), q″(a) = (q′(a) − q′(a′))/(a − a′).
    /// TaylorSeer (Liu et al. 2025) at the output is β = 1, of order 2 with γ = 1; plain reuse is β = 0.</summary>
    /// <param name="Kind">The quantity q.</param>
    /// <param name="Beta">β; without a second step that ran it counts as 0.</param>
    /// <param name="Gamma">γ; without a third one it counts as 0.</param>
    public sealed record Forecast(ForecastKind Kind, double Beta, double Gamma = 0) : StepAction
    {
        /// <summary>Steps that ran whose outputs it looks at.</summary>
        public int Outputs => Gamma != 0 ? 3 : 2;
    }

    /// <summary>Calls the network without some layers: for each r(s) = r(a) + β·(r(a) − r(a′))·(s − a)/(a − a′), a and
    /// a′ the last two steps in which that layer ran. With all residuals this is FORA (Selvaraju et al. 2024) for
    /// β = 0, TaylorSeer (Liu et al. 2025) for β = 1; with outputs of the inner part DeepCache (Ma et al. 2024).
    /// </summary>
    /// <param name="Carry">What r is.</param>
    /// <param name="Layers">Names, see <see cref="Mlops.Diffusion.Models.Denoiser.Cacheable"/>; each once.</param>
    /// <param name="Beta">β; for a layer that ran once it counts as 0.</param>
    public sealed record Partial(LayerCarry Carry, IReadOnlyList<string> Layers, double Beta) : StepAction
    {
        /// <summary>Equal when the same is carried on in the same way.</summary>
        public bool Equals(Partial? other) => other is not null && (Carry, Beta) == (other.Carry, other.Beta)
            && Layers.SequenceEqual(other.Layers, StringComparer.Ordinal);

        public override int GetHashCode() => HashCode.Combine(Carry, Beta, Layers.Count);
    }
}

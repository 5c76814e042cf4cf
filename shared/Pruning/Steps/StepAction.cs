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

/// <summary>What one sampler step does for its output.</summary>
public abstract record StepAction
{
    private StepAction()
    {
    }

    /// <summary>Calls the network.</summary>
    /// <param name="Variant">Index into the pruning plan's variants; 0 where there is no plan.</param>
    public sealed record Run(int Variant = 0) : StepAction;

    /// <summary>Calls nothing: q(s) = q(a) + β·(q(a) − q(a′))·(s − a)/(a − a′), a and a′ the last two steps that ran.
    /// TaylorSeer (Liu et al. 2025) at the output is β = 1, plain reuse β = 0.</summary>
    /// <param name="Kind">The quantity q.</param>
    /// <param name="Beta">β; without a second step that ran it counts as 0.</param>
    /// <param name="Order">Of the expansion; 2 adds half the second difference, once three steps have run.</param>
    public sealed record Forecast(ForecastKind Kind, double Beta, int Order = 1) : StepAction
    {
        /// <summary>Highest order.</summary>
        public const int MaxOrder = 2;
    }
}

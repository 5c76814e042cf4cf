namespace Mlops.Pruning.Steps;

/// <summary>Ways to make a step table.</summary>
public enum StepMethod
{
    /// <summary>Dynamic program over measured gaps, then local search and a fit of β and γ on the true loss.</summary>
    Solver,

    /// <summary>Even runs, the output reused between them (FORA at the output).</summary>
    UniformReuse,

    /// <summary>Even runs, the output forecast between them (TaylorSeer at the output).</summary>
    UniformForecast,

    /// <summary>Runs at steps that are drawn, the output reused between them.</summary>
    RandomReuse,

    /// <summary>Runs where the output has changed enough, else reuse (TeaCache at the output, static).</summary>
    Threshold,

    /// <summary>The sampler with fewer steps.</summary>
    FewerSteps,

    /// <summary>Even whole runs, all layers reused between them (FORA).</summary>
    LayerReuse,

    /// <summary>Even whole runs, all layers forecast between them (TaylorSeer).</summary>
    LayerForecast,

    /// <summary>Even whole runs, the inner part reused between them (DeepCache).</summary>
    InnerReuse,

    /// <summary>Each layer runs where its residual has changed enough, else it is reused (DBCache, static).</summary>
    LayerThreshold,

    /// <summary>The solver for several samplers, grids and numbers of steps, and a choice among them.</summary>
    SolverSearch,
}

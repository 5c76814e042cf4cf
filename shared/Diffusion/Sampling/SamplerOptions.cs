using Mlops.Diffusion.Schedulers;

namespace Mlops.Diffusion.Sampling;

/// <summary>How samples are drawn.</summary>
/// <param name="Seed">Seed of start noise and step noise; each sample has streams of its own, so that neither batch
/// size nor neighbors change it.</param>
/// <param name="BatchSize">Most samples at once.</param>
/// <param name="Step">Options of the method (η, churn).</param>
/// <param name="Grid">Own timesteps, noise levels or shift.</param>
public sealed record SamplerOptions(
    int Steps = 50, long Seed = 0, int BatchSize = 64, StepOptions? Step = null, GridOptions? Grid = null);

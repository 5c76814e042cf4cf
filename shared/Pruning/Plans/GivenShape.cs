using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;

namespace Mlops.Pruning.Plans;

/// <summary>The model that a run was given, as options are checked against it: nothing of it is computed.</summary>
/// <param name="Network">Shapes are enough.</param>
/// <param name="Scheduler">The model's own.</param>
/// <param name="Plan">Null for a dense model.</param>
public sealed record GivenShape(Denoiser Network, NoiseScheduler Scheduler, PruningPlan? Plan) : IDisposable
{
    /// <summary>Reads a model folder; of a dense model no weights.</summary>
    /// <exception cref="InvalidDataException">Nothing can be pruned below its plan.</exception>
    public static GivenShape Open(string folder) => new(
        GivenModel.ShapeOnly(folder), NoiseSchedulers.Load(folder), PrunedModel.PlanIn(folder));

    /// <summary>Refuses a sampling run that the model cannot make.</summary>
    /// <param name="name">Short name, or <c>auto</c>.</param>
    /// <returns>The sampler, its grid laid.</returns>
    /// <exception cref="ArgumentException">The sampler does not fit the model, or has no such number of steps.
    /// </exception>
    /// <exception cref="InvalidDataException">The model cannot be guided.</exception>
    public NoiseScheduler Sampler(string name, int steps, double guidance)
    {
        _ = Guidance.Of(Network, guidance);
        var sampler = SamplerNames.Create(Scheduler, name);
        sampler.SetTimesteps(steps);
        return sampler;
    }

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();
}

namespace Mlops.Diffusion.Schedulers;

/// <summary>Finds a timestep on a grid.</summary>
public static class GridIndex
{
    // Re-spaced timesteps are fractions whose last float32 bits depend on the order of operations.
    private const double Nearness = 1e-3;

    /// <summary>The position of a model time; of a repeated one the second, so that a run that starts in the middle
    /// skips no noise level; null if it is not on the grid.</summary>
    public static int? Of(IReadOnlyList<double> timesteps, double t)
    {
        int? found = null;
        for (var i = 0; i < timesteps.Count; i++)
            if (Math.Abs(timesteps[i] - t) < Nearness)
            {
                if (found is not null)
                    return i;
                found = i;
            }

        return found;
    }
}

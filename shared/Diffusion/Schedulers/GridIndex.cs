namespace Mlops.Diffusion.Schedulers;

/// <summary>Finds a timestep on a grid.</summary>
public static class GridIndex
{
    /// <summary>The position of a model time; of a repeated one the second, so that a run that starts in the middle
    /// skips no noise level; null if it is not on the grid.</summary>
    public static int? Of(IReadOnlyList<double> timesteps, double t)
    {
        int? found = null;
        for (var i = 0; i < timesteps.Count; i++)
            if ((float)timesteps[i] == (float)t)
            {
                if (found is not null)
                    return i;
                found = i;
            }

        return found;
    }
}

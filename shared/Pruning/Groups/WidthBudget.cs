using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;

namespace Mlops.Pruning.Groups;

/// <summary>Finds the pruning ratio whose sliced network meets a MACs budget.</summary>
public static class WidthBudget
{
    private const double Largest = 0.999;
    private const int Halvings = 20;

    /// <summary>The smallest ratio (to 2⁻²⁰) whose sliced network has at most the wanted MACs.</summary>
    /// <param name="model">The dense network; left as it is.</param>
    /// <param name="keptRatio">Wanted MACs left / dense MACs, in (0, 1].</param>
    /// <exception cref="InvalidDataException">No ratio gets that low: a channel per norm group stays.</exception>
    public static double RatioFor(Denoiser model, double keptRatio)
    {
        if (Wanted(model, keptRatio) is not { } wanted)
            return 0;

        var (low, high) = (0.0, Largest);
        for (var halving = 0; halving < Halvings; halving++)
        {
            var middle = (low + high) / 2;
            (low, high) = MacsAt(model, middle) <= wanted ? (low, middle) : (middle, high);
        }

        return high;
    }

    /// <summary>Refuses a budget that no pruning ratio meets; shapes are enough.</summary>
    /// <returns>The wanted MACs; null where nothing has to go.</returns>
    /// <exception cref="InvalidDataException">A channel per norm group costs more.</exception>
    public static long? Wanted(Denoiser model, double keptRatio)
    {
        if (keptRatio is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(keptRatio), keptRatio, "must be in (0, 1]");

        var dense = MacCounter.Count(model).Macs;
        var wanted = (long)Math.Floor(dense * keptRatio);
        if (wanted >= dense)
            return null;

        var least = MacsAt(model, Largest);
        return least <= wanted
            ? wanted
            : throw new InvalidDataException(
                $"macs {keptRatio:0.###} cannot be reached by pruning channels: with as few left as can be the "
                + $"model keeps {Ratios.Up((double)least / dense)}; ask for at least that");
    }

    /// <summary>MACs after pruning at a ratio. Counts depend on how many channels go, not on which.</summary>
    public static long MacsAt(Denoiser model, double ratio)
    {
        using var network = NetworkSlicer.OfShapes(model);
        SequentialPruning.Run(network, ratio, (group, _) => new double[group.Width]);
        using var sliced = ModelFamily.Clone(model);
        network.ApplyTo(sliced);
        return MacCounter.Count(sliced).Macs;
    }
}

using Mlops.Pruning.Stages;

namespace Mlops.Evaluation.Measuring;

/// <summary>Names of bands of native timesteps.</summary>
public static class Bands
{
    /// <summary><c>loss.t200-399</c>.</summary>
    public static string Name(string measurement, StageBounds bands, int band) =>
        $"{measurement}.t{bands.First(band)}-{bands.End(band) - 1}";
}

using System.Globalization;

namespace Mlops.Pruning;

/// <summary>Ratios in sentences.</summary>
internal static class Ratios
{
    /// <summary>To thousandths, upwards: what is named as the least possible must be possible.</summary>
    public static string Up(double ratio) =>
        (Math.Ceiling(Math.Round(ratio * 1000, 6)) / 1000).ToString("0.###", CultureInfo.InvariantCulture);
}

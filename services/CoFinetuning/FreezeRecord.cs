using Mlops.Pruning.Alter;

namespace Mlops.CoFinetuning;

/// <summary>How the table was frozen at the end of ALTER's window.</summary>
/// <param name="Step">Last step of the window.</param>
/// <param name="KeptRatio">Kept ratio of the frozen table.</param>
/// <param name="Threshold">Smallest kept logit with offset, of the learned masks.</param>
/// <param name="Median">The threshold of a noise-free decision; a frozen one far above it means that the window
/// was too short for the budget.</param>
/// <param name="FlipRate">Share of mask entries in which two noisy draws differ.</param>
/// <param name="Rows">Number of distinct masks.</param>
/// <param name="RouteFlips">Share of timesteps whose expert differs between two noisy draws.</param>
/// <param name="GateFlips">Share of gates that differ between them.</param>
/// <param name="Coverage">Share of the timesteps of each expert.</param>
/// <param name="Segments">Intervals of the trajectory with one expert.</param>
/// <param name="Hamming">Share of layers in which the masks of two used experts differ, for every pair.</param>
/// <param name="Learned">Distance of final samples to the teacher's under the learned masks; null where no others
/// were tried.</param>
/// <param name="Measured">The same under masks by the measured worth of gates; null where it was not measured.</param>
/// <param name="Start">The same under the schedule that was the start; null without one.</param>
/// <param name="Taken">The nearest of them: <c>learned</c>, <c>measured</c> or <c>start</c>.</param>
/// <param name="Undecided">Whether what the hypernetwork learned was taken, and its draws differ so often that this is
/// partly chance.</param>
public sealed record FreezeRecord(
    int Step, double KeptRatio, double Threshold, double Median, double FlipRate, int Rows, double RouteFlips,
    double GateFlips, IReadOnlyList<double> Coverage, int Segments, IReadOnlyList<MaskDistance> Hamming, string Taken,
    bool Undecided, double? Learned = null, double? Measured = null, double? Start = null)
{
    // Two draws that differ in more than one of twenty entries.
    private const double MostFlips = 0.05;

    /// <summary>What a frozen table is like, and how sure two noisy draws were of it.</summary>
    public static FreezeRecord Of(
        int step, FrozenMasks frozen, MaskChoice choice, double median, HardTable first, HardTable second)
    {
        var table = frozen.Table;
        var distinct = table.Route.Select(expert => string.Join(',', table.Experts[expert])).Distinct();
        var flips = first.FlipRate(second);
        return new(
            step, frozen.KeptRatio, frozen.Threshold, median, flips, distinct.Count(), first.RouteFlips(second),
            first.GateFlips(second), table.Coverage(), table.Segments(), table.Hamming(), choice.Taken,
            flips > MostFlips && choice.Taken != MaskChoice.AsGiven, choice.Learned, choice.Measured, choice.Start);
    }
}

/// <summary>Which tables of masks stood to choose when they were frozen, and how far each is from the teacher.
/// </summary>
/// <param name="Table">The nearest.</param>
public sealed record MaskChoice(HardTable Table, string Taken, double? Learned, double? Measured, double? Start)
{
    /// <summary>Values of <see cref="Taken"/>.</summary>
    public const string OfNetwork = "learned", ByWorth = "measured", AsGiven = "start";
}

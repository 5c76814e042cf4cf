using System.Diagnostics;

namespace Mlops.Evaluation.Measuring;

/// <summary>
/// Times two pieces of work in turns within one process, so that heat, clocks and neighbors hit both alike. Which goes
/// first changes from round to round; one round before the count warms caches.
/// </summary>
/// <param name="Dense">Seconds of each counted round of the first.</param>
/// <param name="Pruned">Seconds of each counted round of the second.</param>
public sealed record SideBySide(IReadOnlyList<double> Dense, IReadOnlyList<double> Pruned)
{
    /// <summary>Runs both <paramref name="rounds"/> times after the warm-up.</summary>
    public static SideBySide Measure(Action dense, Action pruned, int rounds, CancellationToken cancellationToken)
    {
        var (denseTimes, prunedTimes) = (new List<double>(), new List<double>());
        for (var round = -1; round < rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (first, second) = round % 2 == 0 ? (dense, pruned) : (pruned, dense);
            var (a, b) = (Seconds(first), Seconds(second));
            if (round < 0)
                continue;
            denseTimes.Add(first == dense ? a : b);
            prunedTimes.Add(first == dense ? b : a);
        }

        return new(denseTimes, prunedTimes);
    }

    private static double Seconds(Action work)
    {
        var start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}

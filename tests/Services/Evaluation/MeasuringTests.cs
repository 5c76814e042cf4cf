using System.Runtime.InteropServices;
using Mlops.Evaluation.Measuring;

namespace Mlops.Tests.Services.Evaluation;

public sealed class MeasuringTests
{
    [Fact]
    public void Quantiles_interpolate_between_order_statistics()
    {
        double[] values = [4, 1, 3, 2];

        Assert.Equal(2.5, Statistics.Quantile(values, 0.5));
        Assert.Equal(1.75, Statistics.Quantile(values, 0.25));
        Assert.Equal(4, Statistics.Quantile(values, 1));
    }

    [Fact]
    public void Bootstrap_interval_has_the_width_of_the_standard_error_and_repeats()
    {
        var values = Enumerable.Range(0, 400).Select(i => (double)(i % 20)).ToArray();
        var expected = 1.96 * Math.Sqrt(values.Average(v => (v - 9.5) * (v - 9.5)) / values.Length);

        var (low, high) = Statistics.MeanInterval(values, 3);

        Assert.Equal((low, high), Statistics.MeanInterval(values, 3));
        Assert.InRange(9.5 - low, expected * 0.85, expected * 1.15);
        Assert.InRange(high - 9.5, expected * 0.85, expected * 1.15);
    }

    [Fact]
    public void Both_sides_run_in_turns_and_the_warm_up_is_not_counted()
    {
        var order = "";

        var times = SideBySide.Measure(() => order += "d", () => order += "p", 3, CancellationToken.None);

        Assert.Equal("pddppddp", order);
        Assert.Equal(3, times.Dense.Count);
        Assert.Equal(3, times.Pruned.Count);
    }

    [Fact]
    public void Peak_memory_sees_what_was_touched_and_freed_and_forgets_it_for_the_next_measurement()
    {
        const int Large = 64 << 20;
        Touch(Large);

        var large = PeakMemory.Added(() => Touch(Large));
        var small = PeakMemory.Added(() => Touch(1 << 20));

        if (large is null)
            return;
        Assert.InRange(large.Value, Large * 0.9, Large * 1.5);
        Assert.InRange(small!.Value, 0, Large * 0.25);

        static void Touch(int bytes)
        {
            const int Page = 4096;
            var block = Marshal.AllocHGlobal(bytes);
            for (var offset = 0; offset < bytes; offset += Page)
                Marshal.WriteByte(block, offset, 1);
            Marshal.FreeHGlobal(block);
        }
    }
}

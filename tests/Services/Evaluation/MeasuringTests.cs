using System.Runtime.InteropServices;
using Mlops.Evaluation.Measuring;
using Mlops.Tests.Support;

namespace Mlops.Tests.Services.Evaluation;

[Collection(nameof(AloneInTheProcess))]
public sealed class MeasuringTests
{
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
    }

    [Fact]
    public void Garbage_that_is_collected_during_the_work_hides_nothing_of_its_peak()
    {
        const int Large = 64 << 20;
        Litter(2 * Large);

        var added = PeakMemory.Added(() =>
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Touch(Large);
        });

        if (added is not null)
            Assert.InRange(added.Value, Large * 0.9, Large * 1.5);

        static void Litter(int bytes)
        {
            var kept = new List<byte[]>();
            for (var sum = 0; sum < bytes; sum += kept[^1].Length)
                kept.Add(new byte[10_000]);
            kept.ForEach(each => Array.Fill(each, (byte)1));
        }
    }

    private static void Touch(int bytes)
    {
        const int Page = 4096;
        var block = Marshal.AllocHGlobal(bytes);
        for (var offset = 0; offset < bytes; offset += Page)
            Marshal.WriteByte(block, offset, 1);
        Marshal.FreeHGlobal(block);
    }
}

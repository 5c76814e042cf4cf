using Microsoft.Extensions.Time.Testing;

namespace Mlops.Tests.Support;

/// <summary>Clocks that stand still until they are moved.</summary>
public static class FakeTime
{
    /// <summary>One that stands at the beginning of 2026.</summary>
    public static FakeTimeProvider Create() => new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Puts the clock on the wall to another time, as somebody would by hand; no time passes.</summary>
    public static void Adjust(this FakeTimeProvider time, TimeSpan by) => time.AdjustTime(time.GetUtcNow() + by);
}

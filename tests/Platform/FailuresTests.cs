using Mlops.Contracts;
using Mlops.Platform.Errors;

namespace Mlops.Tests.Platform;

public sealed class FailuresTests
{
    public static TheoryData<Exception, FailureKind> Cases => new()
    {
        { new InvalidDataException("bad"), FailureKind.Permanent },
        { new ArgumentOutOfRangeException("x"), FailureKind.Permanent },
        { new FileNotFoundException("gone"), FailureKind.Permanent },
        { new AggregateException(new InvalidDataException("bad")), FailureKind.Permanent },
        { new IOException("broken pipe"), FailureKind.Transient },
        { new OutOfMemoryException(), FailureKind.Transient },
        { new InvalidOperationException("odd"), FailureKind.Transient },
        { new OperationCanceledException(), FailureKind.Transient },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Only_bad_input_is_permanent(Exception exception, FailureKind expected)
    {
        Assert.Equal(expected, Failures.KindOf(exception, stopRequested: false));
        // The same of a fault, which carries a name only.
        if (exception is not AggregateException)
            Assert.Equal(expected == FailureKind.Permanent, Failures.IsBadInput(exception.GetType().FullName));
    }

    [Fact]
    public void A_stop_that_was_asked_for_is_a_cancel()
    {
        Assert.Equal(FailureKind.Cancelled, Failures.KindOf(new OperationCanceledException(), stopRequested: true));
    }

    [Fact]
    public void A_full_disk_ends_the_run_with_a_sentence_that_says_how_to_go_on()
    {
        var full = BreakingStream.DiskFull();

        Assert.Equal(FailureKind.Permanent, Failures.KindOf(full, stopRequested: false));
        Assert.StartsWith("the disk is full", Failures.ReasonOf(full));
        Assert.EndsWith("free some space and resume the run", Failures.ReasonOf(full));
    }

    [Fact]
    public void A_reason_leaves_out_what_only_programmers_understand()
    {
        var thrown = new ArgumentException("macs must be at most 1", "options");

        Assert.Equal("macs must be at most 1", Failures.ReasonOf(thrown));
    }
}

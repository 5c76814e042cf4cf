using Mlops.Platform.Jobs;

namespace Mlops.Tests.Platform;

public sealed class ComputeSlotTests
{
    [Fact]
    public async Task Work_runs_one_at_a_time_on_one_thread_also_after_awaits()
    {
        using var slot = new ComputeSlot();
        var (inside, most) = (0, 0);

        var threads = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => slot.RunAsync(
            async () =>
            {
                most = Math.Max(most, Interlocked.Increment(ref inside));
                var before = Environment.CurrentManagedThreadId;
                await Task.Yield();
                var after = Environment.CurrentManagedThreadId;
                Interlocked.Decrement(ref inside);
                return (before, after);
            },
            default)));

        Assert.Equal(1, most);
        Assert.Single(threads.SelectMany(pair => new[] { pair.before, pair.after }).Distinct());
    }

    [Fact]
    public async Task An_exception_reaches_the_awaiting_caller_and_frees_the_slot()
    {
        using var slot = new ComputeSlot();

        await Assert.ThrowsAsync<InvalidDataException>(
            () => slot.RunAsync(() => throw new InvalidDataException("bad"), default));

        Assert.Equal(3, await slot.RunAsync(() => Task.FromResult(3), default));
    }

    [Fact]
    public async Task Waiting_for_the_slot_can_be_given_up()
    {
        using var slot = new ComputeSlot();
        using var stop = new CancellationTokenSource();
        var release = new TaskCompletionSource();
        var holding = slot.RunAsync(() => release.Task, default);

        var waiting = slot.RunAsync(() => Task.CompletedTask, stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        release.SetResult();
        await holding;
    }

    [Fact]
    public async Task Work_that_outlasts_the_slot_is_finished_elsewhere()
    {
        var slot = new ComputeSlot();
        var (begun, release) = (new TaskCompletionSource(), new TaskCompletionSource<int>());
        var working = slot.RunAsync(
            async () =>
            {
                begun.SetResult();
                return await release.Task;
            },
            default);
        await begun.Task;

        slot.Dispose();
        release.SetResult(5);

        // The slot itself is gone, which its caller may learn; what must not happen is that the process ends.
        await Assert.ThrowsAsync<ObjectDisposedException>(() => working);
    }
}

using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Faults;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator;

/// <summary>A process dies before or after each thing that it persists or sends, one after the other.</summary>
public sealed class CrashPointTests
{
    private const int LivesAtOnce = 16, FewestBoundaries = 100, Sample = 9;

    [Fact]
    public Task A_process_that_dies_at_every_ninth_boundary_leaves_what_the_next_one_needs() => DieAsync(Sample);

    [Fact]
    [Trait("Category", "Drill")]
    public Task A_process_that_dies_at_any_boundary_leaves_what_the_next_one_needs() => DieAsync(every: 1);

    private static async Task DieAsync(int every)
    {
        var boundaries = 0;
        for (var alive = true; alive; boundaries += LivesAtOnce * every)
            alive = (await Task.WhenAll(Enumerable.Range(0, LivesAtOnce)
                .Select(life => DiesAsync(boundaries + 1 + (life * every))))).All(it => it);

        Assert.True(boundaries > FewestBoundaries, $"only {boundaries} boundaries were found; where is the rest?");
    }

    /// <summary>One life until the boundary and a second one without faults.</summary>
    /// <returns>False if the first life had come to its end before the boundary.</returns>
    private static async Task<bool> DiesAsync(int boundary)
    {
        using var folder = new TemporaryFolder();
        var command = await FaultRun.CommandAsync(folder);
        var faults = FaultPlan.DeadFrom(boundary);
        var taken = await FirstLifeAsync(folder, faults, command);
        await using var next = await FaultRun.StartAsync(folder, faults: null);
        if (!taken)
            await next.SubmitAsync(command);

        Assert.Equal(await FaultRun.UndisturbedAsync(), await FaultRun.ResultsAsync(next, folder, command.RunId));
        return faults.Over.IsCompleted;
    }

    /// <returns>Whether the client was told that its command was taken.</returns>
    private static async Task<bool> FirstLifeAsync(TemporaryFolder folder, FaultPlan faults, StartRun command)
    {
        var taken = false;
        try
        {
            await using var host = await FaultRun.StartAsync(folder, faults);
            await host.SubmitAsync(command);
            taken = true;
            await await Task.WhenAny(faults.Over, host.Received.FirstAsync<RunCompleted>());
        }
        catch (InjectedFaultException)
        {
            // It died while it started, took the command or ended: a life all the same.
        }
        return taken;
    }
}

using Mlops.Contracts.Events;
using Mlops.Faults;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator;

/// <summary>
/// Store, database and bus fail at random: time-outs before and after the deed, short reads, flipped bytes.
/// </summary>
public sealed class FaultInjectionTests
{
    private const double Rate = 0.05;

    public static TheoryData<int> OtherSeeds => [.. Enumerable.Range(5, 16)];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public Task Five_of_a_hundred_calls_fail_and_nothing_shows(int seed) => FailAsync(seed);

    [Theory]
    [Trait("Category", "Drill")]
    [MemberData(nameof(OtherSeeds))]
    public Task Other_five_of_a_hundred_calls_fail_and_nothing_shows(int seed) => FailAsync(seed);

    private static async Task FailAsync(int seed)
    {
        using var folder = new TemporaryFolder();
        var command = await FaultRun.CommandAsync(folder);
        await using var host = await StartUntilUpAsync(folder, FaultPlan.Random(Rate, seed));

        await Eventually.DoneAsync<InjectedFaultException>(
            () => host.SubmitAsync(command));

        Assert.Equal(await FaultRun.UndisturbedAsync(), await FaultRun.ResultsAsync(host, folder, command.RunId));
        Assert.All(
            host.Received.All<JobCompleted>().GroupBy(job => job.Result.JobId),
            job => Assert.Single(job.Select(each => each.Result.ExecutionId).Distinct()));
    }

    // A process that cannot start is started again, as whatever keeps it alive does.
    private static async Task<TestHost> StartUntilUpAsync(TemporaryFolder folder, FaultPlan faults)
    {
        TestHost? host = null;
        await Eventually.DoneAsync<InjectedFaultException>(
            async () => host = await FaultRun.StartAsync(folder, faults));
        return host!;
    }
}

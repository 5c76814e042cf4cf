using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Runs;
using Mlops.Platform.Faults;
using Mlops.Platform.Objects;
using Mlops.Tests.EndToEnd.Support;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator;

/// <summary>Store, database and bus fail on purpose; what comes out must be what comes out of an undisturbed run.</summary>
public sealed class DrillTests
{
    private const double Rate = 0.05;
    private const int LivesAtOnce = 16, FewestBoundaries = 100;
    private const string Recipe = "random";

    private static readonly Lazy<Task<string[]>> Undisturbed = new(UndisturbedAsync);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Five_of_a_hundred_calls_fail_and_nothing_shows(int seed)
    {
        using var folder = new TemporaryFolder();
        var faults = FaultPlan.Random(Rate, seed);
        await using var host = await StartPatientlyAsync(folder, faults);
        var command = new StartRun(
            Guid.NewGuid(), Recipe, new Dictionary<string, ObjectRef> { ["data"] = await ImportAsync(folder) },
            new Dictionary<string, string>());

        await Eventually.DoneAsync<InjectedFaultException>(() => host.Runs.HandleAsync(command, messageId: null, default));

        Assert.Equal(await Undisturbed.Value, await ResultsAsync(host, folder, command.RunId));
        Assert.All(
            host.Heard.All<JobCompleted>().GroupBy(job => job.Result.JobId),
            job => Assert.Single(job.Select(each => each.Result.ExecutionId).Distinct()));
    }

    [Fact]
    public async Task A_process_that_dies_at_any_boundary_leaves_what_the_next_one_needs()
    {
        var boundaries = 0;
        for (var alive = true; alive; boundaries += LivesAtOnce)
            alive = (await Task.WhenAll(Enumerable.Range(boundaries + 1, LivesAtOnce).Select(DiesAsync))).All(it => it);

        Assert.True(boundaries > FewestBoundaries, $"only {boundaries} boundaries were found; where is the rest?");
    }

    /// <summary>One life until the boundary and a second one without faults.</summary>
    /// <returns>False if the first life had come to its end before the boundary.</returns>
    private static async Task<bool> DiesAsync(int boundary)
    {
        using var folder = new TemporaryFolder();
        var faults = FaultPlan.DeadFrom(boundary);
        var command = new StartRun(
            Guid.NewGuid(), Recipe, new Dictionary<string, ObjectRef> { ["data"] = await ImportAsync(folder) },
            new Dictionary<string, string>());
        var taken = await FirstLifeAsync(folder, faults, command);
        await using var next = await StartAsync(folder, faults: null);
        if (!taken)
            await next.Runs.HandleAsync(command, messageId: null, default);

        Assert.Equal(await Undisturbed.Value, await ResultsAsync(next, folder, command.RunId));
        return faults.Over.IsCompleted;
    }

    /// <returns>Whether the client was told that its command was taken.</returns>
    private static async Task<bool> FirstLifeAsync(TemporaryFolder folder, FaultPlan faults, StartRun command)
    {
        var taken = false;
        try
        {
            await using var host = await StartAsync(folder, faults);
            await host.Runs.HandleAsync(command, messageId: null, default);
            taken = true;
            await Task.WhenAny(faults.Over, host.Heard.FirstAsync<RunCompleted>());
        }
        catch (InjectedFaultException)
        {
            // It died while it started, took the command or ended: a life all the same.
        }
        return taken;
    }

    // A process that cannot start is started again, as whatever keeps it alive does.
    private static async Task<TestHost> StartPatientlyAsync(TemporaryFolder folder, FaultPlan faults)
    {
        TestHost? host = null;
        await Eventually.DoneAsync<InjectedFaultException>(async () => host = await StartAsync(folder, faults));
        return host!;
    }

    private static Task<TestHost> StartAsync(TemporaryFolder folder, FaultPlan? faults) => TestHost.StartAsync(
        folder.Path, FakeServices.Module(new FakeWork()),
        change: options => options with { Retries = 20, Lease = TimeSpan.FromSeconds(3) }, faults: faults);

    // Past the faults: what a user brings is there before the run begins.
    private static async Task<ObjectRef> ImportAsync(TemporaryFolder folder)
    {
        using var source = new TemporaryFolder();
        await File.WriteAllTextAsync(source.File("data.json"), "{}");
        var store = new FolderObjectStore(folder.File("objects"));
        return await new ArtifactStore(store, folder.File("none")).ImportAsync(source.Path, "data", default);
    }

    /// <summary>Job and digest of every artifact, once the run is over.</summary>
    private static async Task<string[]> ResultsAsync(TestHost host, TemporaryFolder folder, Guid runId)
    {
        RunState? run = null;
        await Eventually.TrueAsync(
            async () =>
            {
                run = await host.Queries(folder.Path).FindAsync(runId.ToString("N"), default);
                return run is { Status: not RunStatus.Running };
            },
            "the run ends");
        Assert.Equal((RunStatus.Completed, null), (run!.Status, run.Reason));
        return [.. run.Jobs.Select(job => $"{job.JobId} {job.Output!.Sha256}")];
    }

    private static async Task<string[]> UndisturbedAsync()
    {
        using var folder = new TemporaryFolder();
        await ImportAsync(folder);
        await using var host = await StartAsync(folder, faults: null);
        return await ResultsAsync(host, folder, await host.SubmitAsync(Recipe));
    }
}

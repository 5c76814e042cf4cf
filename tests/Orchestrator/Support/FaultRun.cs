using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator.Runs;
using Mlops.Faults;
using Mlops.Platform.Objects;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator.Support;

/// <summary>A run of fake jobs in a host whose calls to store, database and bus may fail on purpose.</summary>
internal static class FaultRun
{
    private const string Recipe = "random";

    private static readonly Lazy<Task<string[]>> Baseline = new(BaselineAsync);

    /// <summary>What comes out when nothing fails: job and digest of every artifact.</summary>
    public static Task<string[]> UndisturbedAsync() => Baseline.Value;

    /// <summary>The command of a run, whose input is in the store: past the faults, before the run begins.</summary>
    public static async Task<StartRun> CommandAsync(TemporaryFolder folder)
    {
        using var source = new TemporaryFolder();
        await File.WriteAllTextAsync(source.File("data.json"), "{}");
        var store = new ArtifactStore(new FolderObjectStore(folder.File("objects")), folder.File("none"));
        var inputs = new Dictionary<string, ObjectRef>
        {
            ["data"] = await store.ImportAsync(source.Path, "data", default),
        };
        return new StartRun(Guid.NewGuid(), Recipe, inputs, new Dictionary<string, string>());
    }

    /// <summary>A host that gives up late and takes lost jobs over early.</summary>
    public static Task<TestHost> StartAsync(TemporaryFolder folder, FaultPlan? faults) => TestHost.StartAsync(
        folder.Path, FakeServices.Module(new FakeWork()),
        change: options => options with { Retries = 20, Lease = TimeSpan.FromSeconds(3) }, faults: faults);

    /// <summary>Job and digest of every artifact, once the run is over.</summary>
    public static async Task<string[]> ResultsAsync(TestHost host, TemporaryFolder folder, Guid runId)
    {
        RunState? run = null;
        await Eventually.TrueAsync(
            async () =>
            {
                run = await host.Queries(folder.Path).FindAsync(runId.ToString("N"), default);
                return run is { Status: not RunStatus.Running };
            },
            // Many lives share the cores, and a lease that expired under load costs an attempt.
            "the run ends", TimeSpan.FromMinutes(10));
        Assert.Equal((RunStatus.Completed, null), (run!.Status, run.Reason));
        return [.. run.Jobs.Select(job => $"{job.JobId} {job.Output!.Sha256}")];
    }

    private static async Task<string[]> BaselineAsync()
    {
        using var folder = new TemporaryFolder();
        var command = await CommandAsync(folder);
        await using var host = await StartAsync(folder, faults: null);
        await host.SubmitAsync(command);
        return await ResultsAsync(host, folder, command.RunId);
    }
}

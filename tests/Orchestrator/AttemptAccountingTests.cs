using Mlops.Orchestrator.Api;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Cli.Hosting;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Runs;
using Mlops.Platform.Objects;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator;

/// <summary>Accounting of runs that were really executed: times, what made a job run anew, and lineage.</summary>
public sealed class AttemptAccountingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeWork _work = new();

    [Fact]
    public async Task The_books_of_a_run_that_failed_was_cancelled_and_resumed_add_up_to_its_wall_time()
    {
        var failures = 0;
        _work.Instead["scores"] = async (job, folder, token) =>
        {
            if (Interlocked.Increment(ref failures) == 1)
                throw new IOException("the connection broke");
            await FakeWork.WriteInputsAsync(job, folder, token);
        };
        _work.Instead["pruned"] = async (job, folder, token) =>
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "half"), "done", token);
            await job.Checkpoints.SaveAsync(folder, token);
            await new TaskCompletionSource().Task.WaitAsync(token);
        };
        await using var host = await StartAsync();
        var run = await host.SubmitAsync("magnitude");
        await host.Received.FirstAsync<JobProgressed>(
            heartbeat => heartbeat.JobId == "pruned" && heartbeat.Usage!.SavedSeconds > 0);
        await host.Runs.CancelAsync(new CancelRun(run, "enough"), messageId: null, default);
        await host.Received.FirstAsync<RunCancelled>();
        _work.Instead.Clear();
        await host.Runs.ResumeAsync(new ResumeRun(run), messageId: null, default);
        await host.Received.FirstAsync<RunCompleted>();

        var state = (await host.Queries(_folder.Path).FindAsync(run, default))!;
        var accounting = RunResponse.From(state, DateTimeOffset.UnixEpoch);

        Assert.InRange(accounting.AccountedSeconds, 0.99 * accounting.WallSeconds, 1.01 * accounting.WallSeconds);
        Assert.Contains(state.Attempts, attempt => attempt is { JobId: "scores", Outcome: AttemptOutcome.Failed });
        var cancelled = Assert.Single(state.Attempts, attempt => attempt.Outcome == AttemptOutcome.Cancelled);
        Assert.True(cancelled.Usage is { CpuSeconds: > 0, BytesWritten: > 0, SavedSeconds: > 0 });
        Assert.True(accounting is { CpuSeconds: > 0, GpuSeconds: 0, BytesRead: > 0, BytesWritten: > 0 });
        Assert.All(
            state.Attempts.Where(attempt => attempt.Succeeded),
            attempt => Assert.True(attempt is { WastedSeconds: 0, Usage.BytesWritten: > 0 }));
        Assert.True(accounting.PausedSeconds >= 0);
    }

    [Fact]
    public async Task A_changed_setting_is_named_and_an_equal_run_names_the_one_it_took_the_results_of()
    {
        await using var host = await StartAsync();
        var first = await RunAsync(host, []);
        var second = await RunAsync(host, new() { ["tuned.steps"] = "17" });
        var third = await RunAsync(host, []);

        var changed = await VerdictAsync(host, second, "tuned");
        var equal = await VerdictAsync(host, third, "tuned");

        Assert.Equal((false, first), (changed.Hit, changed.Nearest!.RunId));
        var field = Assert.Single(changed.Differences);
        Assert.Equal(("settings.steps", "17"), (field.Name, field.Now));
        Assert.Equal((true, first), (equal.Hit, equal.Nearest!.RunId));
    }

    [Fact]
    public async Task Lineage_walks_from_the_last_result_to_what_was_imported()
    {
        await using var host = await StartAsync();
        var first = await RunAsync(host, []);
        var second = await RunAsync(host, []);
        var lineage = new Lineage(
            host.Queries(_folder.Path), host.Services.GetRequiredService<ArtifactStore>());

        var root = await lineage.OfAsync(second.ToString("N"), default);
        var same = await lineage.OfAsync(root.Sha256[..20], default);

        Assert.Equal((first, "evaluation"), (root.RunId, root.JobId));
        Assert.Equal(root.Sha256, same.Sha256);
        var leaves = Leaves(root).ToArray();
        Assert.All(leaves, leaf => Assert.Equal(("data", null, null), (leaf.Kind, leaf.MadeBy, leaf.RunId)));
        Assert.Contains(root.Inputs, input => input is { Role: "pruned" or "model", RunId: not null });
        await Assert.ThrowsAsync<ArgumentException>(() => lineage.OfAsync($"{second:N}/nothing", default));
        await Assert.ThrowsAsync<ArgumentException>(() => lineage.OfAsync("ffffffffffffff", default));
    }

    [Fact]
    public async Task A_lost_artifact_ends_its_branch_of_the_lineage_and_no_other()
    {
        await using var host = await StartAsync();
        var run = await RunAsync(host, []);
        var lineage = new Lineage(
            host.Queries(_folder.Path), host.Services.GetRequiredService<ArtifactStore>());
        var whole = await lineage.OfAsync(run.ToString("N"), default);
        var pruned = whole.Inputs.Single(input => input.Role == "pruned");
        foreach (var file in Directory.GetFiles(_folder.Path, $"{pruned.Sha256}*", SearchOption.AllDirectories))
            File.Delete(file);

        var rest = await lineage.OfAsync(run.ToString("N"), default);

        var lost = rest.Inputs.Single(input => input.Role == "pruned");
        Assert.Equal((null, pruned.Sha256, run, "pruned"), (lost.Kind, lost.Sha256, lost.RunId, lost.JobId));
        Assert.Empty(lost.Inputs);
        Assert.Equal(
            whole.Inputs.Where(input => input.Role != "pruned").SelectMany(Leaves).Select(leaf => leaf.Sha256),
            rest.Inputs.Where(input => input.Role != "pruned").SelectMany(Leaves).Select(leaf => leaf.Sha256));
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<LineageNode> Leaves(LineageNode node) =>
        node.Inputs.Count == 0 ? [node] : node.Inputs.SelectMany(Leaves);

    private Task<TestHost> StartAsync() => TestHost.StartAsync(_folder.Path, FakeServices.Module(_work));

    private static async Task<Guid> RunAsync(TestHost host, Dictionary<string, string> settings)
    {
        var run = await host.SubmitAsync("magnitude", settings);
        await host.Received.FirstAsync<RunCompleted>(each => each.RunId == run);
        return run;
    }

    private async Task<CacheVerdict> VerdictAsync(TestHost host, Guid runId, string jobId)
    {
        var queries = host.Queries(_folder.Path);
        var run = (await queries.FindAsync(runId, default))!;
        var last = run.Attempts.FindLast(attempt => attempt.JobId == jobId)!;
        var kind = run.Jobs.Single(job => job.JobId == jobId).Kind;
        return CacheVerdict.Compare(last, await queries.ResultsBeforeAsync(kind, last.DispatchedMs, default));
    }
}

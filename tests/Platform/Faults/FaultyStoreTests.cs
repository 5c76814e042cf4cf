using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts.Events;
using Mlops.Faults;
using Mlops.Platform.Objects;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Platform.Faults;

/// <summary>Runs through a store of which five of a hundred calls fail.</summary>
public sealed class FaultyStoreTests
{
    private const double Rate = 0.05;
    private const int Runs = 3;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Runs_through_a_bad_store_end_with_the_results_of_a_good_one(int seed)
    {
        var undisturbed = await ResultsAsync(faults: null);

        var disturbed = await ResultsAsync(FaultPlan.Random(Rate, seed));

        Assert.Equal(undisturbed, disturbed);
    }

    [Fact]
    public async Task What_is_spoilt_on_its_way_is_never_delivered()
    {
        using var folder = new TemporaryFolder();
        var good = new FolderObjectStore(folder.File("objects"));
        var bytes = new byte[5000];
        Random.Shared.NextBytes(bytes);
        var reference = await good.PutAsync(new MemoryStream(bytes), default);
        var faulty = new FaultyObjectStore(good, FaultPlan.Random(rate: 0.5, seed: 3));
        var (delivered, failed) = (0, 0);

        for (var reading = 0; reading < 200; reading++)
        {
            var thrown = await Record.ExceptionAsync(
                () => faulty.FetchAsync(reference, folder.File("copy"), default));
            failed += thrown is InvalidDataException or IOException ? 1 : 0;
            if (thrown is not null)
                continue;
            delivered++;
            Assert.Equal(bytes, await File.ReadAllBytesAsync(folder.File("copy")));
        }

        Assert.Equal(200, delivered + failed);
        Assert.InRange(delivered, 60, 140);
    }

    private static async Task<string[]> ResultsAsync(FaultPlan? faults)
    {
        using var folder = new TemporaryFolder();
        await using var host = await TestHost.StartAsync(
            folder.Path, FakeServices.Module(new FakeWork()), more: services =>
            {
                IObjectStore good = new FolderObjectStore(folder.File("objects"));
                services.AddSingleton(faults is null ? good : new FaultyObjectStore(good, faults));
            });
        var digests = new List<string>();
        for (var run = 0; run < Runs; run++)
        {
            var id = await RetryAsync(() => host.SubmitAsync("alter", new() { ["seed"] = $"{run}" }));
            await host.Received.FirstAsync<RunCompleted>(completed => completed.RunId == id);
            digests.AddRange(host.Received.All<JobCompleted>().Where(job => job.RunId == id)
                .Select(job => $"{run} {job.Result.JobId} {job.Result.Output.Sha256}").Order(StringComparer.Ordinal));
        }
        return [.. digests];
    }

    // The client of a run sees the faults too, and tries again.
    private static async Task<Guid> RetryAsync(Func<Task<Guid>> submit)
    {
        while (true)
        {
            try
            {
                return await submit();
            }
            catch (IOException)
            {
                // As the person at the command line would: once more.
            }
        }
    }
}

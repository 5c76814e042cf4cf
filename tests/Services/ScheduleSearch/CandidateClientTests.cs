using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Faults;
using Mlops.Platform.Bus;
using Mlops.Platform.Hosting;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Mlops.ScheduleSearch;
using Mlops.ScheduleSearch.Probing;
using Mlops.Tests.Support;

namespace Mlops.Tests.Services.ScheduleSearch;

public sealed class CandidateClientTests : IDisposable
{
    private readonly SomeJobs _jobs = new();

    public void Dispose() => _jobs.Dispose();

    [Fact]
    public async Task Workers_behind_the_bus_answer_every_candidate_with_the_fitness_computed_here()
    {
        var probe = await ProbeAsync();
        using var host = await StartAsync();
        var (client, scoring) = (Client(host), host.Services.GetRequiredService<CandidateScoring>());
        var candidates = new int[][] { [0, 0], [1, 2], [3, 0], [2, 2] }
            .Select(levels => new EvaluateCandidate(Guid.NewGuid(), "search", probe, levels, 0, 2)).ToArray();

        var answers = await Task.WhenAll(candidates.Select(c => client.ScoreAsync(c, CancellationToken.None)));

        Assert.Equal(0, answers[0]);
        Assert.All(answers[1..], answer => Assert.True(answer < 0));
        for (var i = 0; i < candidates.Length; i++)
            Assert.Equal(await scoring.ScoreAsync(candidates[i], CancellationToken.None), answers[i]);
        await host.EndAsync();
    }

    [Fact]
    public async Task Bad_schedule_is_bad_input_on_the_senders_side_too()
    {
        var probe = await ProbeAsync();
        using var host = await StartAsync();

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Client(host).ScoreAsync(
            new(Guid.NewGuid(), "search", probe, [0, 99], 0, 2), CancellationToken.None));

        Assert.Contains("0-99", error.Message, StringComparison.Ordinal);
        await host.EndAsync();
    }

    [Fact]
    public async Task A_candidate_whose_confirmation_is_lost_is_sent_again()
    {
        var (lost, time) = (new LostConfirmation<EvaluateCandidate>(), new ManualTime());
        var candidate = new EvaluateCandidate(Guid.NewGuid(), "search", await ProbeAsync(), [0, 0], 0, 2);
        using var host = await StartAsync(lost.Before(ScheduleSearchService.Module), time);

        var answer = Client(host).ScoreAsync(candidate, CancellationToken.None);

        await lost.Waiting;
        Assert.Equal(0, await time.AdvanceUntilAsync(answer));
        await host.EndAsync();
    }

    private static CandidateClient Client(IHost host) => host.Services.GetRequiredService<CandidateClient>();

    private async Task<ObjectRef> ProbeAsync()
    {
        var model = await _jobs.ModelAsync(16);
        var inputs = new Dictionary<string, ObjectRef>
        {
            ["model"] = model,
            ["scores"] = await _jobs.ScoresAsync(model, stages: 2),
        };
        using var compute = new ComputeSlot();
        var job = _jobs.Context("{}", inputs, "probe");
        var options = new ScheduleSearchOptions { Probes = 2, Steps = 3, CheckProbes = 0 };
        var settings = await ProbeMaker.SettingsAsync(job, options, CancellationToken.None);
        return await ProbeMaker.StoreAsync(job, settings, compute, CancellationToken.None);
    }

    private Task<IHost> StartAsync() => StartAsync(ScheduleSearchService.Module, TimeProvider.System);

    private async Task<IHost> StartAsync(ServiceModule module, TimeProvider time)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<IObjectStore>(_jobs.Objects);
        builder.Services.AddMlops(
            new PlatformOptions { DataFolder = _jobs.Output("host"), LogToConsole = false },
            module);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}

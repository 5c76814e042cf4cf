using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Mlops.Bench.Local;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Store;
using Mlops.Platform.Configuration;
using Mlops.Platform.Hosting;
using Mlops.Tests.EndToEnd.Support;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.EndToEnd;

/// <summary>What a service says and does when it is started into a world that is not as it should be.</summary>
[Trait("Category", "EndToEnd")]
public sealed class StartTests
{
    private const int BadInput = 2;

    [Fact]
    public async Task A_wrong_password_ends_the_process_with_one_sentence_that_does_not_repeat_it()
    {
        await using var installation = await Installation.CreateAsync();
        var environment = new Dictionary<string, string>(installation.Environment)
        {
            ["MLOPS_BROKER_PASSWORD"] = "wrong-canary-password",
        };
        using var process = new ServiceProcess("Evaluation", "intruder", installation.Folder, environment);

        process.Start();
        var exitCode = await process.ExitAsync(default);

        var sentence = Assert.Single(File.ReadAllLines(process.LogFile));
        Assert.Equal(BadInput, exitCode);
        Assert.Contains("refuses the user", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_orchestrator_on_the_same_history_says_so_and_the_first_goes_on()
    {
        await using var installation = await Installation.CreateAsync();
        using var cluster = installation.StartCluster();
        using var worker = await installation.StartWorkerAsync("worker", new FakeWork());
        await CompleteAsync(installation, seed: 0);
        using var second = cluster.Process("Orchestrator", "orchestrator");

        second.Start();
        var exitCode = await second.ExitAsync(default);

        Assert.Equal(BadInput, exitCode);
        Assert.Contains(
            "another process already drives the runs", File.ReadAllText(second.LogFile), StringComparison.Ordinal);
        await CompleteAsync(installation, seed: 1);
    }

    [Fact]
    public async Task A_second_orchestrator_with_a_history_of_its_own_waits_and_gives_up_and_the_first_goes_on()
    {
        await using var installation = await Installation.CreateAsync();
        using var cluster = installation.StartCluster();
        using var worker = await installation.StartWorkerAsync("worker", new FakeWork());
        await CompleteAsync(installation, seed: 0);
        using var second = cluster.Process("Orchestrator", "another");

        second.Start();
        await SaysAsync(second, "Another orchestrator");
        await CompleteAsync(installation, seed: 1);

        Assert.Equal(BadInput, await second.ExitAsync(default));
        Assert.Contains(
            "mlops: another orchestrator is running on the broker", File.ReadAllText(second.LogFile),
            StringComparison.Ordinal);
        Assert.True(cluster.Orchestrator.IsRunning);
    }

    [Fact]
    public async Task An_orchestrator_that_starts_elsewhere_takes_over_when_the_first_is_killed()
    {
        await using var installation = await Installation.CreateAsync();
        using var cluster = installation.StartCluster();
        using var worker = await installation.StartWorkerAsync("worker", new FakeWork());
        await CompleteAsync(installation, seed: 0);
        using var heir = cluster.Process("Orchestrator", "heir");
        heir.Start();
        await SaysAsync(heir, "Another orchestrator");

        cluster.Orchestrator.Kill();

        await CompleteAsync(installation, seed: 1);
        Assert.True(heir.IsRunning);
    }

    [Fact]
    public async Task Services_wait_for_a_broker_that_comes_later()
    {
        using var folder = new TemporaryFolder();
        await using var servers = await Servers.UpAsync(folder.Path, default);
        await using var installation = await Installation.CreateAsync(servers);
        await servers.Broker.DownAsync(default);
        using var cluster = installation.StartCluster();
        cluster.Add("CoFinetuning");
        await SaysAsync(cluster.Orchestrator, "does not answer");

        await servers.Broker.UpAsync(default);
        // Its queue went with the broker, and a run may be over before it is there again.
        await installation.ReadyAsync();
        var inputs = await Procedural.DataAsync(installation.Artifacts);
        var run = await installation.SubmitAsync(Recipes.Training(steps: 20), inputs: inputs);

        await installation.Received.FirstAsync<RunCompleted>(ended => ended.RunId == run, TimeSpan.FromMinutes(2));
        Assert.True(cluster.Orchestrator.IsRunning && cluster.Workers[0].IsRunning);
    }

    [Fact]
    public async Task A_request_from_before_the_first_orchestrator_waits_for_it()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await VirtualHost.CreateAsync();
        var connections = new Connections { Broker = broker.Broker };
        // Leaves the data that the request asks for.
        await (await ApiHost.StartAsync(folder.Path, new FakeWork())).DisposeAsync();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMlops(
            new PlatformOptions
            {
                DataFolder = folder.File("worker"), LogToConsole = false, Connections = connections,
            },
            FakeServices.Module(new FakeWork()));
        using var worker = builder.Build();
        await worker.StartAsync();

        var routed = await broker.PublishAsync(
            RequestRun.EntityName, """{"recipe":"random"}"""u8.ToArray(), contentType: null);
        await using var orchestrator = await ApiHost.StartAsync(folder.Path, new FakeWork(), connections);

        Assert.True(routed);
        var runs = orchestrator.Services.GetRequiredService<RunQueries>();
        await Eventually.TrueAsync(
            async () => await runs.ListAsync(atMost: 2, default) is [{ Recipe: "random" }],
            "the request becomes a run");
        await worker.StopAsync();
    }

    private static async Task CompleteAsync(Installation installation, int seed)
    {
        var run = await installation.SubmitAsync(
            Recipes.OneScoring, new Dictionary<string, string> { ["seed"] = $"{seed}" });
        await installation.Received.FirstAsync<RunCompleted>(ended => ended.RunId == run);
    }

    private static Task SaysAsync(ServiceProcess process, string words) => Eventually.TrueAsync(
        () => Task.FromResult(
            File.Exists(process.LogFile)
            && File.ReadAllText(process.LogFile).Contains(words, StringComparison.Ordinal)),
        $"{process.Name} says '{words}'");
}

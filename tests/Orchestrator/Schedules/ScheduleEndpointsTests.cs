using System.Net;
using Mlops.Cli.Hosting;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Schedules;
using Mlops.Orchestrator.Submission;
using Mlops.Platform.Hosting;
using Mlops.Platform.Objects;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Mlops.Tests.Orchestrator.Schedules;

/// <summary>The client of the command line against the endpoints, over a real connection.</summary>
public sealed class ScheduleEndpointsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_schedule_can_be_added_listed_paused_resumed_started_and_removed()
    {
        await using var host = await ApiHost.StartAsync(_folder.Path, new FakeWork());
        var schedules = ClientOf(host);
        var added = await DefinitionAsync(host) with
        {
            Overlap = OverlapPolicy.Replace, CatchUp = CatchUpPolicy.All, DeadlineMinutes = 60, Primary = "ssim",
        };

        await schedules.AddAsync(added, default);
        await schedules.PauseAsync("nightly", default);
        var paused = Assert.Single(await schedules.ListAsync(default));
        await schedules.ResumeAsync("nightly", default);
        var next = await schedules.NextAsync("nightly", 2, default);
        var scheduled = await schedules.RunNowAsync("nightly", default);

        Assert.Equal((true, null), (paused.Definition.Paused, paused.Next));
        Assert.Equal(
            (added.Cron, added.Zone, added.Overlap, added.CatchUp, added.DeadlineMinutes, added.Primary),
            (paused.Definition.Cron, paused.Definition.Zone, paused.Definition.Overlap, paused.Definition.CatchUp,
                paused.Definition.DeadlineMinutes, paused.Definition.Primary));
        Assert.Equal(added.Inputs, paused.Definition.Inputs);
        Assert.All(next, time => Assert.Equal((2, 30), (time.Hour, time.Minute)));
        Assert.Equal(scheduled.RunId, (await host.Received.FirstAsync<RunCompleted>()).RunId);
        await schedules.RemoveAsync("nightly", default);
        Assert.Empty(await schedules.ListAsync(default));
    }

    [Theory]
    [InlineData("""{"name":"a","cron":"30 2 * * *"}""", "has no 'recipe'")]
    [InlineData("""{"name":"a","cron":"99 2 * * *","recipe":"random"}""", "'99 2 * * *' has a number")]
    [InlineData("""{"name":"a","cron":"30 2 * * *","zone":"Mars","recipe":"random"}""", "time zone 'Mars'")]
    [InlineData("""{"name":"a","cron":"30 2 * * *","recipe":"random","overlap":"maybe"}""", "overlap")]
    [InlineData("""{"name":"a","cron":"30 2 * * *","recipe":"random","extra":1}""", "extra")]
    [InlineData("""{"name":"a","cron":"30 2 * * *","recipe":"random","settings":{"macs":{}}}""", "'macs' is an object")]
    [InlineData("""{"name":"a","cron":"30 2 * * *","recipe":"random","settings":0.5}""", "settings is a number")]
    [InlineData("{", "JSON")]
    [InlineData("null", "empty")]
    public async Task What_is_wrong_is_answered_in_a_sentence(string body, string named)
    {
        await using var host = await ApiHost.StartAsync(_folder.Path, new FakeWork());

        using var response = await host.PostAsync(body, path: "/schedules");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(named, await response.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Settings_are_written_as_those_of_a_run()
    {
        await using var host = await ApiHost.StartAsync(_folder.Path, new FakeWork());
        var input = (await DefinitionAsync(host)).Inputs["data"];
        var body = $$$"""
            {"name":"a","cron":"30 2 * * *","recipe":"random","inputs":{"data":"{{{InputNames.TextOf(input)}}}"},
             "settings":{"macs":0.5,"seed":"per-run"}}
            """;

        using var response = await host.PostAsync(body, path: "/schedules");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var added = Assert.Single(await ClientOf(host).ListAsync(default)).Definition.Settings;
        Assert.Equal(("0.5", "per-run"), (added["macs"], added["seed"]));
    }

    [Fact]
    public async Task The_client_repeats_the_sentence_of_the_server()
    {
        await using var host = await ApiHost.StartAsync(_folder.Path, new FakeWork());

        var thrown = await Assert.ThrowsAsync<ArgumentException>(
            () => ClientOf(host).PauseAsync("gone", default));

        Assert.StartsWith("there is no schedule 'gone'", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_does_not_know_the_key_gets_nothing()
    {
        await using var host = await ApiHost.StartAsync(_folder.Path, new FakeWork(), key: new ApiKey("secret"));

        using var response = await host.Http.GetAsync("/schedules");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    private static ScheduleClient ClientOf(ApiHost host) =>
        new(new OrchestratorClient(host.Http.BaseAddress!, key: null));

    private static async Task<ScheduleDefinition> DefinitionAsync(ApiHost host)
    {
        var data = await host.Services.GetRequiredService<IObjectStore>()
            .ResolveAsync(InputNames.DefaultData, default);
        return new ScheduleDefinition(
            "nightly", "30 2 * * *", "Europe/Berlin", "random",
            new Dictionary<string, ObjectRef> { ["data"] = data! }, new Dictionary<string, string>());
    }
}

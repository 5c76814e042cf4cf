using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Store;
using Mlops.Orchestrator.Submission;
using Mlops.Orchestrator.Runs;
using Mlops.Platform.Configuration;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.EndToEnd;

/// <summary>
/// Runs started by programs that know nothing of us, over a real broker; only the work of the services is not real.
/// </summary>
[Trait("Category", "EndToEnd")]
public sealed class TriggerTests : IAsyncLifetime
{
    private const string Queue = "request-run", Json = "application/json";
    private const string Envelope = "application/vnd.masstransit+json";

    private readonly TemporaryFolder _folder = new();
    private VirtualHost _broker = null!;
    private ApiHost _host = null!;

    public async Task InitializeAsync()
    {
        _broker = await VirtualHost.CreateAsync();
        _host = await ApiHost.StartAsync(_folder.Path, new FakeWork(), new Connections { Broker = _broker.Broker });
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _broker.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_call_of_the_management_api_starts_a_run_under_the_id_of_its_message()
    {
        var message = Guid.NewGuid();

        var routed = await PublishAsync("""{"recipe":"random","settings":{"seed":7}}""", Json, message.ToString());

        Assert.True(routed);
        Assert.Equal(message, (await _host.Received.FirstAsync<RunCompleted>()).RunId);
        Assert.Equal(7, Assert.Single(await RunsAsync()).Seed);
    }

    [Fact]
    public async Task Node_starts_a_run()
    {
        await NodeAsync("""{"recipe":"random","idempotencyKey":"from node"}""");

        Assert.Equal(RunIds.From("from node"), (await _host.Received.FirstAsync<RunCompleted>()).RunId);
    }

    [Fact]
    public async Task The_same_request_by_all_three_ways_is_one_run()
    {
        var request = """{"recipe":"random","idempotencyKey":"tonight"}""";

        await Task.WhenAll(
            PublishAsync(request, Json), NodeAsync(request), _host.SubmitAsync(request), PublishAsync(request, Json));
        await PublishAsync("{}", Json);

        await _host.Received.FirstAsync<RunRefused>();
        await _host.Received.FirstAsync<RunCompleted>();
        Assert.Equal(RunIds.From("tonight"), Assert.Single(await RunsAsync()).RunId);
        await LeftAsync(errors: 0, skipped: 0);
        Assert.Equal(RunIds.From("tonight"), Assert.Single(_host.Received.All<RunStarted>()).RunId);
    }

    [Theory]
    [InlineData("""{"recipe":"no-such"}""", "unknown recipe 'no-such'")]
    [InlineData("""{"recipe":"random","format":9}""", "format 9 is not known here")]
    [InlineData("""{"recipe":["random"],"settings":7}""", "recipe is a list")]
    [InlineData("""{"recipe":"random","recipee":"alter"}""", "unknown property 'recipee'")]
    public async Task A_request_that_is_no_run_is_answered_once_and_gone(string body, string reason)
    {
        // Programs forget the content type.
        await PublishAsync(body, contentType: null);

        Assert.Contains(reason, (await _host.Received.FirstAsync<RunRefused>()).Reason, StringComparison.Ordinal);
        await StillWorksAsync(errors: 0, skipped: 0);
        Assert.Single(_host.Received.All<RunRefused>());
    }

    [Theory]
    [InlineData("recipe: random", Json)]
    [InlineData("{\"recipe\":\"ran", Json)]
    [InlineData("\u0001\u0002", "application/octet-stream")]
    [InlineData("{\"messageType\":", Envelope)]
    [InlineData("[]", Envelope)]
    public async Task What_nobody_can_read_is_answered_and_dead_lettered_once(string body, string contentType)
    {
        var message = Guid.NewGuid();

        await PublishAsync(body, contentType, message.ToString());

        var refused = await _host.Received.FirstAsync<RunRefused>();
        Assert.Equal(message, refused.RunId);
        Assert.Contains("it is put aside in request-run_error", refused.Reason, StringComparison.Ordinal);
        await StillWorksAsync(errors: 1, skipped: 0);
        Assert.Single(_host.Received.All<RunRefused>());
    }

    [Fact]
    public async Task A_message_of_an_unknown_type_is_put_aside()
    {
        await PublishAsync(
            """{"messageType":["urn:message:Mlops.Contracts.Commands:RequestRun2"],"message":{"recipe":"random"}}""",
            Envelope);

        await StillWorksAsync(errors: 0, skipped: 1);
        Assert.Single(_host.Received.All<RunStarted>());
    }

    /// <summary>The next good request becomes a run, and the queue is empty afterwards.</summary>
    private async Task StillWorksAsync(int errors, int skipped)
    {
        await PublishAsync("""{"recipe":"random"}""", Json);
        await _host.Received.FirstAsync<RunCompleted>();
        await LeftAsync(errors, skipped);
    }

    /// <summary>What a stopped consumer had not finished would be in its queue again.</summary>
    private async Task LeftAsync(int errors, int skipped)
    {
        await _host.DisposeAsync();
        Assert.Equal(
            (0, errors, skipped),
            (await _broker.CountAsync(Queue), await _broker.CountAsync($"{Queue}_error"),
                await _broker.CountAsync($"{Queue}_skipped")));
    }

    private Task<bool> PublishAsync(string body, string? contentType, string? messageId = null) =>
        _broker.PublishAsync(RequestRun.EntityName, Encoding.UTF8.GetBytes(body), contentType, messageId);

    private async Task NodeAsync(string body)
    {
        var start = new ProcessStartInfo("node", [Repository.Path("tests", "EndToEnd", "node", "trigger.js")])
        {
            RedirectStandardInput = true, RedirectStandardError = true,
        };
        start.Environment["MLOPS_BROKER"] = _broker.Broker.Address.ToString();
        start.Environment["MLOPS_BROKER_USER"] = _broker.Broker.User;
        start.Environment["MLOPS_BROKER_PASSWORD"] = _broker.Broker.Password;
        using var node = Process.Start(start)!;
        await node.StandardInput.WriteAsync(body);
        node.StandardInput.Close();
        var errors = await node.StandardError.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, errors);
    }

    private Task<IReadOnlyList<RunState>> RunsAsync() =>
        _host.Services.GetRequiredService<RunQueries>().ListAsync(atMost: 10, default);
}

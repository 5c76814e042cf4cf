using System.Net.Http.Json;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator;
using Mlops.Orchestrator.Submission;
using Mlops.Platform.Bus;
using Mlops.Platform.Configuration;
using Mlops.Platform.Hosting;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator.Support;

/// <summary>An orchestrator with workers that listens on a free port, and has <c>data/procedural</c>.</summary>
public sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private bool _stopped;

    private ApiHost(WebApplication app, Received received)
    {
        (_app, Received) = (app, received);
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public Received Received { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<ApiHost> StartAsync(
        string folder, FakeWork work, Connections? connections = null, ApiKey? key = null,
        string address = "http://127.0.0.1:0")
    {
        var received = new Received();
        var platform = new PlatformOptions
        {
            DataFolder = folder, LogToConsole = false, Connections = connections ?? new Connections(),
            Worker = new WorkerOptions { WorkerId = "one", Heartbeat = TimeSpan.FromMilliseconds(200) },
        };
        var orchestrator = OrchestratorOptions.Under(folder) with { LocalWorkerId = "one", ApiKey = key };
        var recording = new ServiceModule(
            "recording", services => services.AddSingleton(received), bus => bus.AddSubscriber<RecordingConsumer>());
        var app = ServiceHost.Build(
            platform, address,
            [OrchestratorService.Module(orchestrator), FakeServices.Module(work), recording]);
        await app.StartAsync();
        await app.Services.GetRequiredService<IBusControl>()
            .WaitForHealthStatus(BusHealthStatus.Healthy, TimeSpan.FromSeconds(30));
        await BindDataAsync(app.Services);
        return new ApiHost(app, received);
    }

    /// <summary>Posts a body as it is.</summary>
    public Task<HttpResponseMessage> PostAsync(string body, string? key = null, string path = "/runs")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, encoding: null, "application/json"),
        };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return Http.SendAsync(request);
    }

    /// <summary>Posts a request that must be taken, and returns the run.</summary>
    public async Task<Guid> SubmitAsync(string body, string? key = null)
    {
        using var response = await PostAsync(body, key);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("runId").GetGuid();
    }

    /// <summary>Publishes a body as a program that knows nothing of our envelopes does.</summary>
    public Task PublishAsync(string body, Guid? messageId = null) =>
        Services.GetRequiredService<IBus>().Publish(new RequestRun(), context =>
        {
            context.MessageId = messageId ?? context.MessageId;
            context.Serializer = new RawText(body);
        });

    public async ValueTask DisposeAsync()
    {
        if (_stopped)
            return;
        _stopped = true;
        Http.Dispose();
        await _app.EndAsync();
    }

    private static async Task BindDataAsync(IServiceProvider services)
    {
        using var source = new TemporaryFolder();
        await File.WriteAllTextAsync(source.File("data.json"), "{}");
        var data = await services.GetRequiredService<ArtifactStore>().ImportAsync(source.Path, "data", default);
        await services.GetRequiredService<IObjectStore>().SetNameAsync(InputNames.DefaultData, data, default);
    }
}

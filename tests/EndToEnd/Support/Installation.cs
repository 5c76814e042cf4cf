using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Minio.DataModel.Args;
using Mlops.Bench.Local;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Platform.Bus;
using Mlops.Platform.Configuration;
using Mlops.Platform.Hosting;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Mlops.Platform.Objects.S3;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Platform.S3;
using Mlops.Tests.Support;

namespace Mlops.Tests.EndToEnd.Support;

/// <summary>
/// What one test installs on the broker and the store of its environment: a virtual host and a bucket of its own, the
/// services as processes, and this process as a client that receives all events.
/// </summary>
public sealed class Installation : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly IHost _client;
    private readonly string _management;

    private Installation(
        string management, Connections connections, IReadOnlyDictionary<string, string> environment)
    {
        _management = management;
        Connections = connections;
        Environment = environment;
        _client = ClientHost();
    }

    /// <summary>Where all files of the installation are.</summary>
    public string Folder => _folder.Path;

    /// <summary>What was published so far.</summary>
    public Received Received { get; } = new();

    public Connections Connections { get; }

    /// <summary>The connections as services read them, and a lease that is short enough to wait for.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    public IBus Bus => _client.Services.GetRequiredService<IBus>();

    public ArtifactStore Artifacts => _client.Services.GetRequiredService<ArtifactStore>();

    /// <summary>On the servers that <c>make e2e</c> started.</summary>
    public static Task<Installation> CreateAsync() =>
        CreateAsync(Variable("MLOPS_BROKER"), Variable("BROKER_MANAGEMENT"), Connections.From(Settings.Load()));

    /// <summary>On servers of the test's own, which it may kill.</summary>
    public static Task<Installation> CreateAsync(Servers servers) => CreateAsync(
        servers.Environment["MLOPS_BROKER"], servers.Environment["BROKER_MANAGEMENT"],
        servers.Connections);

    /// <summary>The orchestrator as a process of its own; workers are added to it.</summary>
    public Cluster StartCluster() => new(Folder, Environment);

    /// <summary>A worker in this process whose work the test decides.</summary>
    public async Task<IHost> StartWorkerAsync(string name, FakeWork work)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMlops(
            new PlatformOptions
            {
                DataFolder = _folder.File(name), LogToConsole = false, Connections = Connections,
                Worker = new WorkerOptions { WorkerId = name },
            },
            FakeServices.Module(work));
        var host = builder.Build();
        await host.StartAsync();
        await ReadyAsync(host);
        return host;
    }

    /// <summary>Starts a run on a small data artifact, once the orchestrator is there to take it.</summary>
    public async Task<Guid> SubmitAsync(
        string recipe, IReadOnlyDictionary<string, string>? settings = null,
        IReadOnlyDictionary<string, ObjectRef>? inputs = null)
    {
        var command = new StartRun(
            Guid.NewGuid(), recipe,
            inputs ?? new Dictionary<string, ObjectRef> { ["data"] = await ImportAsync("data", "data.json", "{}") },
            settings ?? new Dictionary<string, string>());
        await Eventually.DoneAsync<MessageReturnedException>(() => Bus.Publish<StartRun>(
            command, context => Endpoints.DemandQueue(context)));
        return command.RunId;
    }

    /// <summary>Stores one file as an artifact.</summary>
    public async Task<ObjectRef> ImportAsync(string kind, string file, string text)
    {
        using var source = new TemporaryFolder();
        await File.WriteAllTextAsync(source.File(file), text);
        return await Artifacts.ImportAsync(source.Path, kind, default);
    }

    /// <summary>Waits until what this process receives has its queues again, after the broker was away.</summary>
    public Task ReadyAsync() => ReadyAsync(_client);

    /// <summary>How many messages of a queue the broker took back and delivered again.</summary>
    public async Task<int> RedeliveriesAsync(string queue)
    {
        using var http = Management(_management, Connections.Broker!);
        var path = $"/api/queues/{Connections.Broker!.VirtualHost}/{queue}";
        using var answer = JsonDocument.Parse(await http.GetStringAsync(path));
        return answer.RootElement.TryGetProperty("message_stats", out var counts)
            && counts.TryGetProperty("redeliver", out var number)
            ? number.GetInt32()
            : 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _client.EndAsync();
        _folder.Dispose();
    }

    private static async Task<Installation> CreateAsync(
        string broker, string management, Connections given)
    {
        var name = $"test-{Guid.NewGuid():N}";
        await MakeVirtualHostAsync(management, given.Broker!, name);
        await MakeBucketAsync(given.Store ?? throw Missing("MLOPS_STORE"), name);
        var environment = new Dictionary<string, string>
        {
            ["MLOPS_BROKER"] = new Uri(new Uri(broker), name).ToString(),
            ["MLOPS_BROKER_USER"] = given.Broker!.User, ["MLOPS_BROKER_PASSWORD"] = given.Broker.Password,
            ["MLOPS_STORE"] = new Uri(given.Store.Endpoint, name).ToString(),
            ["MLOPS_STORE_ACCESS_KEY"] = given.Store.AccessKey, ["MLOPS_STORE_SECRET_KEY"] = given.Store.SecretKey,
            ["MLOPS_LEASE"] = 15.ToString(CultureInfo.InvariantCulture),
            ["MLOPS_HTTP"] = "http://127.0.0.1:0",
        };
        var installation = new Installation(
            management, Connections.From(Settings.From(environment)), environment);
        await installation._client.StartAsync();
        await ReadyAsync(installation._client);
        return installation;
    }

    private IHost ClientHost()
    {
        var recording = new ServiceModule(
            "recording", services => services.AddSingleton(Received), bus => bus.AddSubscriber<RecordingConsumer>());
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMlops(
            new PlatformOptions
            {
                DataFolder = _folder.File("client"), LogToConsole = false, Connections = Connections,
            },
            recording);
        return builder.Build();
    }

    private static async Task ReadyAsync(IHost host) =>
        await host.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(
            BusHealthStatus.Healthy, new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);

    private static HttpClient Management(string address, BrokerOptions broker)
    {
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{broker.User}:{broker.Password}"));
        return new HttpClient
        {
            BaseAddress = new Uri(address),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", credentials) },
        };
    }

    private static async Task MakeVirtualHostAsync(string management, BrokerOptions broker, string name)
    {
        using var http = Management(management, broker);
        using var host = await http.PutAsync($"/api/vhosts/{name}", Json("{}"));
        host.EnsureSuccessStatusCode();
        using var rights = await http.PutAsync(
            $"/api/permissions/{name}/{broker.User}",
            Json("""{"configure":".*","write":".*","read":".*"}"""));
        rights.EnsureSuccessStatusCode();
    }

    private static async Task MakeBucketAsync(StoreOptions store, string name)
    {
        using var client = RealStore.Client(store);
        await client.MakeBucketAsync(new MakeBucketArgs().WithBucket(name));
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static string Variable(string name) =>
        System.Environment.GetEnvironmentVariable(name) ?? throw Missing(name);

    private static InvalidOperationException Missing(string name) =>
        new($"{name} is not set; run the end-to-end tests with `make e2e`, which starts a broker and a store for them");
}

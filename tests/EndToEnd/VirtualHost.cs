using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Mlops.Platform.Bus;
using Mlops.Platform.Configuration;

namespace Mlops.Tests.EndToEnd;

/// <summary>
/// A virtual host of its own on the broker of the environment, seen through the management API, as an operator or a
/// program without any AMQP library sees it.
/// </summary>
public sealed class VirtualHost : IAsyncDisposable
{
    private readonly string _name = $"test-{Guid.NewGuid():N}";
    private readonly HttpClient _http;

    private VirtualHost(Uri management, BrokerOptions broker)
    {
        Broker = broker with { Address = new Uri(broker.Address, $"/{_name}") };
        _http = new HttpClient { BaseAddress = new Uri(management, "/api/") };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{broker.User}:{broker.Password}")));
    }

    /// <summary>How to connect to it.</summary>
    public BrokerOptions Broker { get; }

    /// <summary>Makes it.</summary>
    /// <exception cref="InvalidOperationException">The environment names no broker.</exception>
    public static async Task<VirtualHost> CreateAsync()
    {
        var broker = Connections.From(Settings.Load()).Broker;
        var management = Environment.GetEnvironmentVariable("BROKER_MANAGEMENT");
        if (broker is null || management is null)
            throw new InvalidOperationException(
                "MLOPS_BROKER and BROKER_MANAGEMENT are not set; run `make e2e`, or `make up` and source .local/env");
        var host = new VirtualHost(new Uri(management), broker);
        await host.SendAsync(HttpMethod.Put, $"vhosts/{host._name}", new { });
        await host.SendAsync(
            HttpMethod.Put, $"permissions/{host._name}/{broker.User}",
            new { configure = ".*", write = ".*", read = ".*" });
        return host;
    }

    /// <summary>Publishes over HTTP.</summary>
    /// <returns>Whether a queue took it.</returns>
    public async Task<bool> PublishAsync(string exchange, byte[] body, string? contentType, string? messageId = null)
    {
        var properties = new Dictionary<string, object> { ["delivery_mode"] = 2 };
        if (contentType is not null)
            properties["content_type"] = contentType;
        if (messageId is not null)
            properties["message_id"] = messageId;
        var answer = await SendAsync(HttpMethod.Post, $"exchanges/{_name}/{exchange}/publish", new
        {
            properties, routing_key = "", payload = Convert.ToBase64String(body), payload_encoding = "base64",
        });
        return answer.GetProperty("routed").GetBoolean();
    }

    /// <summary>How many messages a queue holds that no consumer has; 0 if there is no such queue.</summary>
    public async Task<int> CountAsync(string queue)
    {
        const int most = 100;
        using var response = await _http.PostAsJsonAsync(
            new Uri($"queues/{_name}/{queue}/get", UriKind.Relative),
            new { count = most, ackmode = "reject_requeue_true", encoding = "auto" });
        if (response.StatusCode == HttpStatusCode.NotFound)
            return 0;
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetArrayLength();
    }

    public async ValueTask DisposeAsync()
    {
        await SendAsync(HttpMethod.Delete, $"vhosts/{_name}", content: null);
        _http.Dispose();
    }

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, object? content)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = content is null ? null : JsonContent.Create(content),
        };
        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        var text = await response.Content.ReadAsStringAsync();
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }
}

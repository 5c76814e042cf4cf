using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator.Api;
using Mlops.Orchestrator.Submission;
using Mlops.Platform.Errors;
using Mlops.Platform.Hosting;

namespace Mlops.Cli.Hosting;

/// <summary>The HTTP side of an orchestrator, whose refusals become exceptions with its own sentence.</summary>
public sealed class OrchestratorClient : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>Connects to nobody yet.</summary>
    public OrchestratorClient(Uri server, ApiKey? key)
    {
        _http = new HttpClient { BaseAddress = new Uri(server.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/") };
        if (key is not null)
            _http.DefaultRequestHeaders.Add("Authorization", key.Header);
    }

    /// <summary>Starts a run.</summary>
    public async Task StartAsync(StartRun command, CancellationToken cancellationToken)
    {
        var request = new RequestRun(
            command.RunId.ToString(), IdempotencyKey: null, command.Recipe,
            command.Inputs.ToDictionary(input => input.Key, input => InputNames.TextOf(input.Value)),
            command.Settings, RequestRun.KnownFormat);
        using var content = JsonContent.Create(request, mediaType: null, ApiJson.Options);
        using var response = await SendAsync(HttpMethod.Post, "runs", content, cancellationToken);
    }

    /// <summary>The latest runs.</summary>
    public Task<IReadOnlyList<RunResponse>> ListAsync(int count, CancellationToken cancellationToken) =>
        GetAsync<IReadOnlyList<RunResponse>>($"runs?count={count}", cancellationToken);

    /// <summary>The run whose id begins like this.</summary>
    public Task<RunResponse> FindAsync(string idOrPrefix, CancellationToken cancellationToken) =>
        GetAsync<RunResponse>($"runs/{Uri.EscapeDataString(idOrPrefix)}", cancellationToken);

    /// <summary>Cancels or resumes a run.</summary>
    /// <param name="verb"><c>cancel</c> or <c>resume</c>.</param>
    public async Task ChangeAsync(Guid runId, string verb, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Post, $"runs/{runId}/{verb}", content: null, cancellationToken);
    }

    /// <summary>The events of a run as one connection tells them; it may break off.</summary>
    public async IAsyncEnumerable<object> ListenAsync(
        Guid runId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, $"runs/{runId}/events", content: null, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
            if (RunEventFormat.Read(item) is { } message)
                yield return message;
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>Asks for something else that it knows.</summary>
    /// <param name="path">Below the server's address.</param>
    public Task<TAnswer> GetAsync<TAnswer>(string path, CancellationToken cancellationToken) =>
        AskAsync<TAnswer>(HttpMethod.Get, path, cancellationToken);

    /// <summary>Asks for something that has an answer.</summary>
    public async Task<TAnswer> AskAsync<TAnswer>(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, path, content: null, cancellationToken);
        return (await response.Content.ReadFromJsonAsync<TAnswer>(ApiJson.Options, cancellationToken))!;
    }

    /// <summary>Sends a request; what is refused is thrown.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new ServiceUnavailableException(
                $"the orchestrator at {_http.BaseAddress} does not answer; start it with `mlops serve`, "
                + "or correct --server", exception);
        }
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
        {
            var sentence = await SentenceAsync(response, cancellationToken);
            throw (int)response.StatusCode < 500
                ? new ArgumentException(sentence)
                : new ServiceUnavailableException(sentence);
        }
    }

    private static async Task<string> SentenceAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var said = $"the orchestrator answered {(int)response.StatusCode} {response.ReasonPhrase}";
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
            return said;
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return problem.TryGetProperty("detail", out var detail) ? detail.GetString() ?? said : said;
    }
}

using System.Net.Http.Json;
using Mlops.Orchestrator.Api;
using Mlops.Orchestrator.Schedules;

namespace Mlops.Cli.Hosting;

/// <summary>The schedules of a process that is reached over HTTP.</summary>
public sealed class ScheduleClient(OrchestratorClient client) : ISchedules
{
    /// <inheritdoc/>
    public Task AddAsync(ScheduleDefinition definition, CancellationToken cancellationToken) => DoAsync(
        HttpMethod.Post, "schedules",
        JsonContent.Create(ScheduleRequest.From(definition), mediaType: null, ApiJson.Options), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ScheduleView>> ListAsync(CancellationToken cancellationToken) =>
        client.GetAsync<IReadOnlyList<ScheduleView>>("schedules", cancellationToken);

    /// <inheritdoc/>
    public Task PauseAsync(string name, CancellationToken cancellationToken) =>
        DoAsync(HttpMethod.Post, $"{Path(name)}/pause", content: null, cancellationToken);

    /// <inheritdoc/>
    public Task ResumeAsync(string name, CancellationToken cancellationToken) =>
        DoAsync(HttpMethod.Post, $"{Path(name)}/resume", content: null, cancellationToken);

    /// <inheritdoc/>
    public Task RemoveAsync(string name, CancellationToken cancellationToken) =>
        DoAsync(HttpMethod.Delete, Path(name), content: null, cancellationToken);

    /// <inheritdoc/>
    public Task<OccurrenceView> RunNowAsync(string name, CancellationToken cancellationToken) =>
        client.AskAsync<OccurrenceView>(HttpMethod.Post, $"{Path(name)}/run-now", cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DateTimeOffset>> NextAsync(
        string name, int count, CancellationToken cancellationToken) =>
        client.GetAsync<IReadOnlyList<DateTimeOffset>>(
            FormattableString.Invariant($"{Path(name)}/next?count={count}"), cancellationToken);

    private static string Path(string name) => $"schedules/{Uri.EscapeDataString(name)}";

    private async Task DoAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var response = await client.SendAsync(method, path, content, cancellationToken);
    }
}

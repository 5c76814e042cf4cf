using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Mlops.Orchestrator.Api;
using Mlops.Orchestrator.Submission;

namespace Mlops.Orchestrator.Schedules;

/// <summary>Schedules over HTTP: add, list, look ahead, pause, resume, start, remove.</summary>
internal static class ScheduleEndpoints
{
    private const int LargestRequest = 1 << 20;
    private const int DefaultCount = 5;

    /// <summary>Adds them.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/schedules", AddAsync).WithMetadata(new RequestSizeLimitAttribute(LargestRequest));
        app.MapGet("/schedules", async (ScheduleService all, CancellationToken cancellationToken) =>
            Json(await all.ListAsync(cancellationToken)));
        app.MapGet("/schedules/{name}/next", async (
            string name, ScheduleService all, CancellationToken cancellationToken, int count = DefaultCount) =>
            Json(await all.NextAsync(name, count, cancellationToken)));
        app.MapPost("/schedules/{name}/run-now", async (
            string name, ScheduleService all, CancellationToken cancellationToken) =>
            Json(await all.RunNowAsync(name, cancellationToken), StatusCodes.Status202Accepted));
        app.MapPost("/schedules/{name}/pause", (
            string name, ScheduleService all, CancellationToken cancellationToken) =>
            all.PauseAsync(name, cancellationToken));
        app.MapPost("/schedules/{name}/resume", (
            string name, ScheduleService all, CancellationToken cancellationToken) =>
            all.ResumeAsync(name, cancellationToken));
        app.MapDelete("/schedules/{name}", (string name, ScheduleService all, CancellationToken cancellationToken) =>
            all.RemoveAsync(name, cancellationToken));
    }

    private static async Task<IResult> AddAsync(
        HttpRequest http, ScheduleService all, InputNames inputs, CancellationToken cancellationToken)
    {
        // Also keeps the forms of other web sites out, which a browser would send here without asking.
        if (!http.HasJsonContentType())
            return Results.Problem(
                "the body must be application/json", statusCode: StatusCodes.Status415UnsupportedMediaType);
        // What cannot be read becomes an answer at the boundary, like all else that is wrong.
        var request = await JsonSerializer.DeserializeAsync<ScheduleRequest>(
            http.Body, RunEventFormat.Json, cancellationToken) ?? throw new ArgumentException("the body is empty");
        var found = await inputs.FindAsync(request.Inputs ?? new Dictionary<string, string>(), cancellationToken);
        await all.AddAsync(request.ToDefinition(found), cancellationToken);
        return Results.Created($"/schedules/{request.Name}", value: null);
    }

    private static IResult Json(object? value, int status = StatusCodes.Status200OK) =>
        Results.Json(value, RunEventFormat.Json, statusCode: status);
}

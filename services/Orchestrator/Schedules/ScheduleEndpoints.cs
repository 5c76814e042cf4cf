using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
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
            TypedResults.Ok(await all.ListAsync(cancellationToken)));
        app.MapGet("/schedules/{name}/next", async (
            string name, ScheduleService all, CancellationToken cancellationToken, int count = DefaultCount) =>
            TypedResults.Ok(await all.NextAsync(name, count, cancellationToken)));
        app.MapPost("/schedules/{name}/run-now", async (
            string name, ScheduleService all, CancellationToken cancellationToken) =>
            TypedResults.Accepted((string?)null, await all.RunNowAsync(name, cancellationToken)));
        app.MapPost("/schedules/{name}/pause", (
            string name, ScheduleService all, CancellationToken cancellationToken) =>
            all.PauseAsync(name, cancellationToken));
        app.MapPost("/schedules/{name}/resume", (
            string name, ScheduleService all, CancellationToken cancellationToken) =>
            all.ResumeAsync(name, cancellationToken));
        app.MapDelete("/schedules/{name}", (string name, ScheduleService all, CancellationToken cancellationToken) =>
            all.RemoveAsync(name, cancellationToken));
    }

    private static async Task<Created> AddAsync(
        ScheduleRequest? request, ScheduleService all, InputNames inputs, CancellationToken cancellationToken)
    {
        if (request is null)
            throw new ArgumentException("the body is empty; send the schedule as JSON");
        var found = await inputs.FindAsync(request.Inputs ?? new Dictionary<string, string>(), cancellationToken);
        await all.AddAsync(request.ToDefinition(found), cancellationToken);
        return TypedResults.Created($"/schedules/{request.Name}");
    }
}

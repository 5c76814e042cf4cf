using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator.Handlers;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Store;
using Mlops.Orchestrator.Submission;

namespace Mlops.Orchestrator.Api;

/// <summary>Runs over HTTP: start, list, look at, watch, cancel, resume.</summary>
internal static class RunEndpoints
{
    private const int LargestRequest = 1 << 20;
    private const int DefaultCount = 20, LargestCount = 200;

    /// <summary>Adds them.</summary>
    public static void MapRuns(this IEndpointRouteBuilder app)
    {
        app.MapPost("/runs", StartAsync).WithMetadata(new RequestSizeLimitAttribute(LargestRequest));
        app.MapGet("/runs", ListAsync);
        app.MapGet("/runs/{run}", GetAsync);
        app.MapGet("/runs/{run}/events", WatchAsync);
        app.MapPost("/runs/{run}/cancel", CancelAsync);
        app.MapPost("/runs/{run}/resume", ResumeAsync);
        app.MapGet("/demand", DemandAsync);
        app.MapGet("/recipes", (RecipeBook book) => Json(book.All));
    }

    private static async Task<IResult> StartAsync(
        HttpRequest http, [FromHeader(Name = "Idempotency-Key")] string? key, RunRequests requests,
        CancellationToken cancellationToken)
    {
        // Also keeps the forms of other web sites out, which a browser would send here without asking.
        if (!http.HasJsonContentType())
            return Problem(StatusCodes.Status415UnsupportedMediaType, "the body must be application/json");
        RequestRun request;
        try
        {
            request = (await JsonSerializer.DeserializeAsync<RequestRun>(http.Body, RunEventFormat.Json,
                cancellationToken))!;
        }
        catch (JsonException exception)
        {
            return Problem(StatusCodes.Status400BadRequest, $"the request is not JSON: {exception.Message}");
        }
        if (key is not null && request.IdempotencyKey is { } other && other != key)
            return Problem(
                StatusCodes.Status400BadRequest, "the header Idempotency-Key and idempotencyKey differ; give one");
        var answer = await requests.SubmitAsync(
            request with { IdempotencyKey = key ?? request.IdempotencyKey }, messageId: null, cancellationToken);
        if (answer.Status != SubmissionStatus.Refused)
            http.HttpContext.Response.Headers.Location = $"/runs/{answer.RunId}";
        return answer.Status switch
        {
            SubmissionStatus.Started => Json(new { answer.RunId, Repeated = false }, StatusCodes.Status202Accepted),
            SubmissionStatus.Repeated => Json(new { answer.RunId, Repeated = true }),
            SubmissionStatus.Conflicting => Problem(StatusCodes.Status409Conflict, answer.Reason!),
            _ => Problem(StatusCodes.Status400BadRequest, answer.Reason!),
        };
    }

    private static async Task<IResult> ListAsync(
        RunQueries queries, CancellationToken cancellationToken, int count = DefaultCount) =>
        Json(await queries.ListAsync(Math.Clamp(count, 1, LargestCount), cancellationToken));

    private static Task<IResult> GetAsync(
        string run, RunQueries queries, CancellationToken cancellationToken) =>
        WithAsync(run, queries, state => Task.FromResult(Json(state)), cancellationToken);

    private static Task<IResult> WatchAsync(
        string run, RunQueries queries, RunFeed feed, CancellationToken cancellationToken) =>
        WithAsync(
            run, queries,
            state => Task.FromResult<IResult>(TypedResults.ServerSentEvents(
                feed.WatchAsync(state.RunId, cancellationToken).Select(RunEventFormat.Write))),
            cancellationToken);

    private static Task<IResult> CancelAsync(
        string run, RunQueries queries, RunTransitions runs, CancellationToken cancellationToken) =>
        ChangeAsync(
            run, queries, state => state.HasEnded ? "there is nothing to cancel" : null,
            id => runs.CancelAsync(new CancelRun(id, "cancelled on request"), messageId: null, cancellationToken),
            cancellationToken);

    private static Task<IResult> ResumeAsync(
        string run, RunQueries queries, RunTransitions runs, CancellationToken cancellationToken) =>
        ChangeAsync(
            run, queries, state => state.Status == RunStatus.Completed ? "there is nothing to resume" : null,
            id => runs.ResumeAsync(new ResumeRun(id), messageId: null, cancellationToken), cancellationToken);

    private static async Task<IResult> DemandAsync(RunQueries queries, CancellationToken cancellationToken) =>
        Json(await queries.DemandAsync(cancellationToken));

    private static Task<IResult> ChangeAsync(
        string run, RunQueries queries, Func<RunState, string?> refuse, Func<Guid, Task> change,
        CancellationToken cancellationToken) =>
        WithAsync(
            run, queries,
            async state =>
            {
                if (refuse(state) is { } reason)
                    return Problem(
                        StatusCodes.Status409Conflict,
                        $"run {state.RunId} is {state.Status.ToString().ToLowerInvariant()}; {reason}");
                await change(state.RunId);
                return Json(await queries.FindAsync(state.RunId, cancellationToken), StatusCodes.Status202Accepted);
            },
            cancellationToken);

    /// <summary>Answers with a run, or says that there is none.</summary>
    private static async Task<IResult> WithAsync(
        string run, RunQueries queries, Func<RunState, Task<IResult>> answer, CancellationToken cancellationToken) =>
        await queries.FindAsync(run, cancellationToken) is { } state
            ? await answer(state)
            : Problem(StatusCodes.Status404NotFound, $"no run begins with '{run}'");

    private static IResult Json(object? value, int status = StatusCodes.Status200OK) =>
        Results.Json(value, RunEventFormat.Json, statusCode: status);

    private static IResult Problem(int status, string sentence) => Results.Problem(sentence, statusCode: status);
}

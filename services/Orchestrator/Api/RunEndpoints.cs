using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator.Handlers;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Store;
using Mlops.Orchestrator.Submission;

namespace Mlops.Orchestrator.Api;

using Answer = Results<Ok<RunResponse>, ProblemHttpResult>;
using Changed = Results<Accepted<RunResponse>, ProblemHttpResult>;
using Submitted = Results<Accepted<SubmissionResponse>, Ok<SubmissionResponse>, ProblemHttpResult>;

/// <summary>Runs over HTTP: start, list, look at, watch, cancel, resume.</summary>
internal static class RunEndpoints
{
    private const int LargestRequest = 1 << 20;
    private const int DefaultCount = 20, LargestCount = 200;

    /// <summary>Adds them.</summary>
    public static void MapRuns(this IEndpointRouteBuilder app)
    {
        app.MapPost("/runs", SubmitAsync).WithSummary("Start a run")
            .WithMetadata(new RequestSizeLimitAttribute(LargestRequest));
        app.MapGet("/runs", ListAsync).WithSummary("The latest runs, newest first");
        app.MapGet("/runs/{run}", GetAsync).WithSummary("One run with its jobs");
        app.MapGet("/runs/{run}/events", WatchAsync).WithSummary("Server-sent events up to the end of the run");
        app.MapPost("/runs/{run}/cancel", CancelAsync).WithSummary("End a run; its checkpoints stay");
        app.MapPost("/runs/{run}/resume", ResumeAsync).WithSummary("Go on with a run that ended without a result");
        app.MapGet("/demand", DemandAsync).WithSummary("Workers that have something to do, for autoscalers");
        app.MapGet("/recipes", ListRecipes).WithSummary("What a request may name as its recipe");
    }

    private static async Task<Submitted> SubmitAsync(
        RequestRun? request, [FromHeader(Name = "Idempotency-Key")] string? key, HttpResponse response,
        RunRequests requests, CancellationToken cancellationToken)
    {
        if (request is null)
            return Problem(StatusCodes.Status400BadRequest, "the request is not JSON: it is empty");
        if (key is not null && request.IdempotencyKey is { } other && other != key)
            return Problem(
                StatusCodes.Status400BadRequest, "the header Idempotency-Key and idempotencyKey differ; give one");
        var result = await requests.SubmitAsync(
            request with { IdempotencyKey = key ?? request.IdempotencyKey }, messageId: null, cancellationToken);
        var location = $"/runs/{result.RunId}";
        switch (result.Status)
        {
            case SubmissionStatus.Started:
                return TypedResults.Accepted(location, new SubmissionResponse(result.RunId, Repeated: false));
            case SubmissionStatus.Repeated:
                response.Headers.Location = location;
                return TypedResults.Ok(new SubmissionResponse(result.RunId, Repeated: true));
            case SubmissionStatus.Conflicting:
                response.Headers.Location = location;
                return Problem(StatusCodes.Status409Conflict, result.Reason!);
            default:
                return Problem(StatusCodes.Status400BadRequest, result.Reason!);
        }
    }

    private static async Task<Ok<IReadOnlyList<RunResponse>>> ListAsync(
        RunQueries queries, RunEvaluations evaluations, CancellationToken cancellationToken,
        int count = DefaultCount) =>
        TypedResults.Ok(await evaluations.DescribeAsync(
            await queries.ListAsync(Math.Clamp(count, 1, LargestCount), cancellationToken), cancellationToken));

    private static async Task<Answer> GetAsync(
        string run, RunQueries queries, RunEvaluations evaluations, CancellationToken cancellationToken) =>
        await queries.FindAsync(run, cancellationToken) is { } state
            ? TypedResults.Ok(await evaluations.DescribeAsync(state, cancellationToken))
            : NoSuch(run);

    private static async Task<Results<ServerSentEventsResult<string>, ProblemHttpResult>> WatchAsync(
        string run, RunQueries queries, RunFeed feed, CancellationToken cancellationToken) =>
        await queries.FindAsync(run, cancellationToken) is { } state
            ? TypedResults.ServerSentEvents(
                feed.WatchAsync(state.RunId, cancellationToken).Select(RunEventFormat.Write))
            : NoSuch(run);

    private static Task<Changed> CancelAsync(
        string run, RunQueries queries, RunTransitions runs, TimeProvider time, CancellationToken cancellationToken) =>
        ChangeAsync(
            run, queries, time, state => state.HasEnded ? "there is nothing to cancel" : null,
            id => runs.CancelAsync(new CancelRun(id, "cancelled on request"), messageId: null, cancellationToken),
            cancellationToken);

    private static Task<Changed> ResumeAsync(
        string run, RunQueries queries, RunTransitions runs, TimeProvider time, CancellationToken cancellationToken) =>
        ChangeAsync(
            run, queries, time, state => state.Status == RunStatus.Completed ? "there is nothing to resume" : null,
            id => runs.ResumeAsync(new ResumeRun(id), messageId: null, cancellationToken), cancellationToken);

    private static async Task<Ok<IReadOnlyDictionary<string, JobDemand>>> DemandAsync(
        RunQueries queries, CancellationToken cancellationToken) =>
        TypedResults.Ok(await queries.DemandAsync(cancellationToken));

    private static Ok<IReadOnlyList<RecipeResponse>> ListRecipes(RecipeBook book) =>
        TypedResults.Ok(RecipeResponse.From(book));

    private static async Task<Changed> ChangeAsync(
        string run, RunQueries queries, TimeProvider time, Func<RunState, string?> refuse, Func<Guid, Task> change,
        CancellationToken cancellationToken)
    {
        if (await queries.FindAsync(run, cancellationToken) is not { } state)
            return NoSuch(run);
        if (refuse(state) is { } reason)
            return Problem(
                StatusCodes.Status409Conflict,
                $"run {state.RunId} is {state.Status.ToString().ToLowerInvariant()}; {reason}");
        await change(state.RunId);
        var changed = await queries.FindAsync(state.RunId, cancellationToken);
        return TypedResults.Accepted($"/runs/{state.RunId}", RunResponse.From(changed!, time.GetUtcNow()));
    }

    internal static ProblemHttpResult NoSuch(string run) =>
        Problem(StatusCodes.Status404NotFound, $"no run begins with '{run}'");

    private static ProblemHttpResult Problem(int status, string sentence) =>
        TypedResults.Problem(sentence, statusCode: status);
}

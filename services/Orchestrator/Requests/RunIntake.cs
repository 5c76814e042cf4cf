using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator.History;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Runs;
using Mlops.Platform.Errors;

namespace Mlops.Orchestrator.Requests;

/// <summary>
/// The one door for runs, whoever knocks: bus, HTTP or command line. A run that was answered with an id is on the disk.
/// </summary>
public sealed class RunIntake(
    RunHistory history, InputNames inputs, RunPlanner planner, RunDecisions decisions, ILogger<RunIntake> log)
{
    private static readonly Dictionary<string, string> Nothing = [];

    /// <summary>Starts the run, or says which one it is already, or why there is none.</summary>
    /// <param name="messageId">Names the run when the request does not.</param>
    public async Task<RunAnswer> TakeAsync(
        RequestRun request, Guid? messageId, CancellationToken cancellationToken)
    {
        var runId = IdOf(request) ?? messageId ?? Guid.NewGuid();
        var answer = await TakeAsync(runId, request, cancellationToken);
        if (answer.Reason is null)
            log.LogInformation("Run {RunId} of recipe {Recipe}: {Answer}", runId, request.Recipe, answer.Kind);
        else
            log.LogWarning("Run {RunId} is refused: {Reason}", runId, answer.Reason);
        return answer;
    }

    private static Guid? IdOf(RequestRun request) => request switch
    {
        { RunId: { } text } when Guid.TryParse(text, out var id) => id,
        { IdempotencyKey: { Length: > 0 } key } => RunIds.Of(key),
        _ => null,
    };

    private async Task<RunAnswer> TakeAsync(Guid runId, RequestRun request, CancellationToken cancellationToken)
    {
        if (ProblemOf(request) is { } problem)
            return new(runId, AnswerKind.Refused, problem);
        var digest = DigestOf(request);
        if (await history.RecallAsync(runId, digest, cancellationToken) is { } earlier)
            return Answer(earlier);
        try
        {
            var start = new StartRun(
                runId, request.Recipe!, await inputs.FindAsync(request.Inputs ?? Nothing, cancellationToken),
                request.Settings ?? Nothing);
            var planned = planner.Plan(start, history.Now);
            return Answer(await history.AcceptAsync(
                runId, digest, state => decisions.Start(state, planned, history.Now), cancellationToken));
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidDataException)
        {
            // The boundary where a bad request becomes an answer.
            return new(runId, AnswerKind.Refused, Failures.ReasonOf(exception));
        }

        RunAnswer Answer(AnswerKind kind) => new(runId, kind, kind != AnswerKind.Conflicting ? null
            : $"run {runId} was asked for with other content before; repeat that, or choose another key");
    }

    private static string? ProblemOf(RequestRun request) => request switch
    {
        { Problem: { } problem } => problem,
        { Format: not (null or RequestRun.KnownFormat) } =>
            $"format {request.Format} is not known here; write format {RequestRun.KnownFormat}",
        { RunId: { } id } when !Guid.TryParse(id, out _) =>
            $"runId '{id}' is not a UUID; give one, or an idempotencyKey of any form",
        { IdempotencyKey: "" } => "idempotencyKey is empty; give a text, or leave it out",
        { Recipe: null or "" } => "the request names no recipe; give `recipe`, a name or the text of one",
        _ => null,
    };

    /// <summary>
    /// Of what was asked for, not of what the names point at today: tomorrow's repeat is still a repeat.
    /// </summary>
    private static string DigestOf(RequestRun request) => Convert.ToHexStringLower(SHA256.HashData(
        JsonSerializer.SerializeToUtf8Bytes(new
        {
            request.Recipe, Inputs = Sorted(request.Inputs), Settings = Sorted(request.Settings),
        })));

    private static SortedDictionary<string, string> Sorted(IReadOnlyDictionary<string, string>? entries) =>
        new((entries ?? Nothing).ToDictionary(entry => entry.Key, entry => entry.Value), StringComparer.Ordinal);
}

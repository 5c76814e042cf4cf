using System.Security.Cryptography;
using System.Text.Json;
using Mlops.Contracts.Commands;
using Mlops.Platform.Errors;

namespace Mlops.Orchestrator.Submission;

/// <summary>The edge for requests as text, from the exchange or over HTTP: makes a typed command of each.</summary>
public sealed class RunRequests(RunSubmission submission, InputNames inputs)
{
    private static readonly Dictionary<string, string> None = [];

    /// <summary>Submits what a request asks for.</summary>
    /// <param name="request">As it came.</param>
    /// <param name="messageId">Names the run when the request does not.</param>
    public async Task<SubmissionResult> SubmitAsync(
        RequestRun request, Guid? messageId, CancellationToken cancellationToken)
    {
        var runId = IdOf(request) ?? messageId ?? Guid.NewGuid();
        if (ProblemOf(request) is { } problem)
            return submission.Refused(runId, problem);
        var digest = DigestOf(request);
        // A repeat is answered also when its names do not resolve any more.
        if (await submission.EarlierAsync(runId, digest, cancellationToken) is { } earlier)
            return earlier;
        try
        {
            var command = new StartRun(
                runId, request.Recipe!, await inputs.FindAsync(request.Inputs ?? None, cancellationToken),
                request.Settings ?? None);
            return await submission.SubmitAsync(command, digest, cancellationToken);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidDataException)
        {
            // The boundary where a name that resolves to nothing becomes an answer.
            return submission.Refused(runId, Failures.ReasonOf(exception));
        }
    }

    private static Guid? IdOf(RequestRun request) => request switch
    {
        { RunId: { } text } when Guid.TryParse(text, out var id) => id,
        { IdempotencyKey: { Length: > 0 } key } => RunIds.From(key),
        _ => null,
    };

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
        new((entries ?? None).ToDictionary(entry => entry.Key, entry => entry.Value), StringComparer.Ordinal);
}

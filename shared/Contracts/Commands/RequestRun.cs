using System.Text.Json.Serialization;

namespace Mlops.Contracts.Commands;

/// <summary>
/// Asks for a run, from any language: published to <c>mlops.request-run</c> as plain JSON, or posted over HTTP. Every
/// property may be missing and nothing is ever thrown over the text, so that a bad request can be answered by
/// <see cref="Events.RunRefused"/>.
/// </summary>
/// <param name="RunId">Chosen by the sender; else it follows from the idempotency key or from the message's id.</param>
/// <param name="IdempotencyKey">Any text; a repeat with the same key gets the run of the first.</param>
/// <param name="Recipe">A recipe's name, or its whole text.</param>
/// <param name="Inputs">
/// Name (<c>data</c>, <c>model</c>) to what fills it: a name in the object store, or <c>sha256:digest:length</c>.
/// </param>
/// <param name="Settings">Overrides: <c>seed</c>, <c>macs</c>, or <c>job.option</c>, as text.</param>
/// <param name="Format">Version of this message; 1 unless it says otherwise.</param>
[JsonConverter(typeof(RequestRunConverter))]
public sealed record RequestRun(
    string? RunId = null, string? IdempotencyKey = null, string? Recipe = null,
    IReadOnlyDictionary<string, string>? Inputs = null, IReadOnlyDictionary<string, string>? Settings = null,
    string? Format = null)
{
    /// <summary>The only version there is.</summary>
    public const string KnownFormat = "1";

    /// <summary>Where it is published: the exchange on the broker.</summary>
    public const string EntityName = "mlops.request-run";

    /// <summary>What is wrong with the text that it was read from, in one sentence; null if nothing is.</summary>
    public string? Problem { get; init; }
}

using Mlops.Contracts.Evaluations;

namespace Mlops.Evaluation.Comparing;

/// <summary>A finished run in a comparison.</summary>
/// <param name="Name">Of the row that it counts for: its recipe.</param>
/// <param name="Budget">Share of total MACs that it was given; null where runs were picked by hand.</param>
/// <param name="RunId">The run.</param>
/// <param name="Report">Its evaluation.</param>
/// <param name="Distances">Its pairs.</param>
/// <param name="Pairs">PNG of some pairs; null for latents.</param>
public sealed record ComparedRun(
    string Name, double? Budget, Guid RunId, EvaluationReport Report, PairDistances Distances, byte[]? Pairs = null);

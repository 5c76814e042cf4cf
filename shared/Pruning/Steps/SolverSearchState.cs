using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Pruning.Steps;

/// <summary>A sampler on a grid with so many steps, and the best step table for it.</summary>
/// <param name="Name">Sampler, grid and steps.</param>
/// <param name="Found">Its table and local search.</param>
/// <param name="OnProbes">Distance of the first table to the true trajectory, on noises of the search.</param>
public sealed record SolverCandidate(string Name, StepSearchState Found, double OnProbes)
{
    /// <summary>The same of the best table so far.</summary>
    public double BestOnProbes => Found.Search?.Loss ?? OnProbes;
}

/// <summary>All of a solver search, so that one resumed from its JSON ends with the same choice.</summary>
/// <param name="Candidates">Those measured so far, in the search's order.</param>
public sealed record SolverSearchState(IReadOnlyList<SolverCandidate> Candidates)
{
    // A table whose samples are no numbers is infinitely far.
    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>The state as JSON text.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        Candidates.Select(candidate => new CandidateJson(
            candidate.Name, candidate.Found.ToJson(), candidate.OnProbes)),
        Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The text is no such state.</exception>
    public static SolverSearchState FromJson(string json)
    {
        try
        {
            return new([.. (JsonSerializer.Deserialize<CandidateJson[]>(json, Json) ?? []).Select(
                read => new SolverCandidate(read.Name, StepSearchState.FromJson(read.Found), read.OnProbes))]);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                $"the solver search's checkpoint is damaged at {exception.Path}; delete it to search anew", exception);
        }
    }

    private sealed record CandidateJson(string Name, string Found, double OnProbes);
}

/// <summary>What a solver search says of each table that it chose from.</summary>
/// <param name="Name">Sampler, grid and steps, and whether the table was searched or fitted.</param>
/// <param name="Steps">Sampler steps.</param>
/// <param name="Calls">Steps that call the network.</param>
/// <param name="OnProbes">Relative squared distance to the true trajectory on noises of the search.</param>
/// <param name="OnFresh">The same on fresh ones.</param>
/// <param name="Evaluations">Samples that went through the network for it; a pass back counts as two.</param>
public sealed record SolverRecord(
    string Name, string Sampler, string Grid, int Steps, int Calls, double OnProbes, double OnFresh, long Evaluations);

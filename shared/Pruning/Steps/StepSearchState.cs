using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Pruning.Steps;

/// <summary>The least predicted damage that a budget reaches.</summary>
/// <param name="TotalMacs">Share of the dense model's MACs; null where one network makes it the share of runs.</param>
public sealed record FrontPoint(
    int Runs, double Damage,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? TotalMacs = null);

/// <summary>Where a local search for a step table begins.</summary>
public enum StepOrigin
{
    /// <summary>The dynamic program, over all networks that there are.</summary>
    Program,

    /// <summary>The same over the whole network alone.</summary>
    WholeNetwork,

    /// <summary>Runs at even distances.</summary>
    EvenRuns,
}

/// <summary>All of a search for a step table, so that one resumed from its JSON ends with the same table.</summary>
/// <param name="First">The first table: what a simple method makes, or the dynamic program.</param>
/// <param name="Predicted">Damage that the dynamic program predicts for it; null for other methods.</param>
/// <param name="Front">The same for every budget.</param>
/// <param name="Search">The local search; null before it begins, and for methods without one.</param>
/// <param name="Evaluations">Samples that went through the network so far; a pass back counts as two.</param>
/// <param name="Origin">Where it begins.</param>
/// <param name="Rival">Another search, which begins elsewhere and comes when this one has ended; null: none.</param>
public sealed record StepSearchState(
    IReadOnlyList<StepAction> First, double? Predicted, IReadOnlyList<FrontPoint> Front, LocalSearch.State? Search,
    long Evaluations, StepOrigin Origin = StepOrigin.Program, StepSearchState? Rival = null)
{
    /// <summary>Whether there is nothing left to try.</summary>
    public bool Finished => Search is { Finished: true } && Rival is null or { Finished: true };

    /// <summary>Share of all local searches that is done.</summary>
    public double Progress => ((Search?.Progress ?? 0) + ((Searches - 1) * (Rival?.Progress ?? 0))) / Searches;

    /// <summary>Evaluations of all of them.</summary>
    public long AllEvaluations => Evaluations + (Rival?.AllEvaluations ?? 0);

    /// <summary>Tables that they tried.</summary>
    public int Tables => (Search?.Tables ?? 0) + (Rival?.Tables ?? 0);

    /// <summary>The least loss that they found so far.</summary>
    public double Loss => Math.Min(Search?.Loss ?? double.PositiveInfinity, Rival?.Loss ?? double.PositiveInfinity);

    private int Searches => 1 + (Rival?.Searches ?? 0);

    /// <summary>The same with one more rival, behind those that there are.</summary>
    public StepSearchState Against(StepSearchState rival) =>
        this with { Rival = Rival is { } other ? other.Against(rival) : rival };

    /// <summary>What every search that was begun ended with, and the program's table that it began with, by name.
    /// </summary>
    public IEnumerable<(string Name, IReadOnlyList<StepAction> Actions)> Searched()
    {
        for (var each = this; each is { Search: { } search }; each = each.Rival)
        {
            yield return (each.Origin switch
            {
                StepOrigin.Program => "searched",
                StepOrigin.WholeNetwork => "whole network alone",
                _ => "searched from even runs",
            }, search.Actions);
            if (each.Origin != StepOrigin.EvenRuns)
                yield return (each.Origin == StepOrigin.Program ? "dynamic program" : "the same, dynamic program",
                    each.First);
        }
    }

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        RespectRequiredConstructorParameters = true,
        // A table whose samples are no numbers is infinitely far.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>The state as JSON text.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new StateJson(
            StepTableJson.ActionsToJson(First), Predicted, Front,
            Search is null ? null : StepTableJson.ActionsToJson(Search.Actions), Search?.Loss ?? 0, Search?.Round ?? 0,
            Search?.Step ?? 0, Search?.Improved ?? false, Search?.Tables ?? 0, Evaluations, Origin, Rival?.ToJson()),
        Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The text is no search state.</exception>
    public static StepSearchState FromJson(string json)
    {
        try
        {
            var read = JsonSerializer.Deserialize<StateJson>(json, Json)
                ?? throw new JsonException("it is null");
            return new(
                StepTableJson.ActionsFromJson(read.First, "checkpoint"), read.Predicted, read.Front,
                read.Searched is null ? null : new LocalSearch.State(
                    StepTableJson.ActionsFromJson(read.Searched, "checkpoint"), read.Loss, read.Round, read.Step,
                    read.Improved, read.Tables),
                read.Evaluations, read.Origin, read.Rival is null ? null : FromJson(read.Rival));
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                $"the step search's checkpoint is damaged at {exception.Path}; delete it to search anew", exception);
        }
    }

    private sealed record StateJson(
        string First, double? Predicted, IReadOnlyList<FrontPoint> Front, string? Searched, double Loss, int Round,
        int Step, bool Improved, int Tables, long Evaluations, StepOrigin Origin, string? Rival = null);
}

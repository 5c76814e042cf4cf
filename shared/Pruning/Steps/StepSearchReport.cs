using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Pruning.Steps;

/// <summary>A table and its measured loss on noises that nothing was tuned on.</summary>
public sealed record StepCandidate(string Name, double Loss, [property: JsonIgnore] StepTable Table);

/// <summary>What a search found; the content of <c>step_search.json</c>. The table itself is in the pruning plan.
/// </summary>
/// <param name="Method">The way it was made.</param>
/// <param name="Best">The table that was chosen, with its measured loss.</param>
/// <param name="Candidates">All that it was chosen from.</param>
/// <param name="Predicted">What the dynamic program predicted; null for other methods.</param>
/// <param name="Front">Its prediction for every number of runs.</param>
/// <param name="Evaluations">Samples that went through the network; a pass back counts as two.</param>
/// <param name="CheckProbes">Noises of the measurement.</param>
public sealed record StepSearchReport(
    StepMethod Method, StepCandidate Best, IReadOnlyList<StepCandidate> Candidates, double? Predicted,
    IReadOnlyList<FrontPoint> Front, long Evaluations, int CheckProbes)
{
    /// <summary>The file's name beside the plan.</summary>
    public const string FileName = "step_search.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>How losses were measured.</summary>
    public string Protocol => $"relative-mse/1 {Best.Table.Sampler}{Best.Table.DenseSteps} to "
        + $"{Best.Table.Aim.ToString().ToLowerInvariant()} n{CheckProbes}";

    /// <summary>Writes <c>step_search.json</c> into a folder.</summary>
    public void Save(string folder) => File.WriteAllText(
        Path.Combine(folder, FileName),
        JsonSerializer.Serialize(
            new StepSearchFile(
                Protocol, Method, Best.Name, Best.Loss, Predicted, Best.Table.Runs, Best.Table.DenseSteps, Evaluations,
                Candidates, Front),
            Json));
}

/// <summary>The file as it is read again.</summary>
public sealed record StepSearchFile(
    string Protocol, StepMethod Method, string Chosen, double Measured, double? Predicted, int Runs, int DenseSteps,
    long Evaluations, IReadOnlyList<StepCandidate> Candidates, IReadOnlyList<FrontPoint> Front);

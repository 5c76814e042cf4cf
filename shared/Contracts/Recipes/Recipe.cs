using System.Text.Json;

namespace Mlops.Contracts.Recipes;

/// <summary>Says which jobs a run has, in order, and with which settings.</summary>
/// <param name="Name">Lower-case words joined by hyphens.</param>
/// <param name="Description">One sentence for <c>mlops recipes</c>.</param>
/// <param name="Seed">The run's seed unless the command says otherwise.</param>
/// <param name="Macs">
/// Wanted kept ratio: MACs left / dense MACs over the whole model, in (0, 1]; jobs that prune receive it.
/// </param>
/// <param name="Jobs">In order of execution; each may use what earlier ones made.</param>
public sealed record Recipe(string Name, string Description, long Seed, double Macs, IReadOnlyList<RecipeJob> Jobs);

/// <summary>One job of a recipe.</summary>
/// <param name="Id">Unique in the recipe; also the name of the artifact it makes.</param>
/// <param name="Uses">Role to artifact: a run input (<c>model</c>, <c>data</c>) or the id of an earlier job.</param>
public sealed record RecipeJob(
    string Id, JobKind Job, IReadOnlyDictionary<string, string> Uses, IReadOnlyDictionary<string, JsonElement> With);

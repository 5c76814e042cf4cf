using System.Text.Json.Serialization;
using Mlops.Contracts;
using Mlops.Orchestrator.Submission;

namespace Mlops.Orchestrator.Schedules;

/// <summary>A schedule as it is asked for over HTTP.</summary>
/// <param name="Name">Lower-case words joined by hyphens.</param>
/// <param name="Cron">See <see cref="ScheduleDefinition"/>.</param>
/// <param name="Zone">IANA time zone; UTC if left out.</param>
/// <param name="Recipe">A recipe's name, or its whole text.</param>
/// <param name="Inputs">As a request for a run names them, see <see cref="InputNames"/>.</param>
/// <param name="Settings">Overrides of the recipe.</param>
/// <param name="Overlap"><c>forbid</c>, <c>allow</c> or <c>replace</c>.</param>
/// <param name="DeadlineMinutes">Null for none.</param>
/// <param name="CatchUp"><c>last</c>, <c>none</c> or <c>all</c>.</param>
/// <param name="Champion">Whether results are held against a champion; so if left out.</param>
/// <param name="Primary">The only measurement on which a result may win.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ScheduleRequest(
    string? Name, string? Cron, string? Zone, string? Recipe, IReadOnlyDictionary<string, string>? Inputs,
    [property: JsonConverter(typeof(SettingTexts))] IReadOnlyDictionary<string, string>? Settings,
    OverlapPolicy Overlap, int? DeadlineMinutes, CatchUpPolicy CatchUp, bool? Champion, string? Primary)
{
    /// <summary>Asks for this schedule.</summary>
    public static ScheduleRequest From(ScheduleDefinition schedule) => new(
        schedule.Name, schedule.Cron, schedule.Zone, schedule.Recipe,
        schedule.Inputs.ToDictionary(input => input.Key, input => InputNames.TextOf(input.Value)), schedule.Settings,
        schedule.Overlap, schedule.DeadlineMinutes, schedule.CatchUp, schedule.Champion, schedule.Primary);

    /// <summary>What is asked for, once its inputs are found.</summary>
    /// <exception cref="ArgumentException">Name, expression or recipe is missing.</exception>
    public ScheduleDefinition ToDefinition(IReadOnlyDictionary<string, ObjectRef> inputs) => new(
        Needed(Name, "name"), Needed(Cron, "cron"), Zone ?? "UTC", Needed(Recipe, "recipe"), inputs,
        Settings ?? new Dictionary<string, string>())
    {
        Overlap = Overlap, DeadlineMinutes = DeadlineMinutes, CatchUp = CatchUp, Champion = Champion ?? true,
        Primary = Primary,
    };

    private static string Needed(string? value, string field) => value is { Length: > 0 }
        ? value
        : throw new ArgumentException($"the schedule has no '{field}'; add it");
}

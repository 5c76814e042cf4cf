using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Pruning.Steps;

/// <summary>What every step of a gap does, and the damage of the gap and the run before it, as relative squared error
/// of the final sample; no action where there is no gap.</summary>
public sealed record Gap(StepAction? Action, double Damage);

/// <summary>The best filling of every gap that was measured, a run a, k steps without one after it, and the run a′
/// before a. They depend on network, sampler and steps alone, so that one measurement serves every budget.</summary>
/// <param name="best">By a′ (−1 where it does not matter), a and k.</param>
/// <param name="evaluations">Samples that went through the network, or a part of it; a pass back counts as two.</param>
public sealed class Gaps(IReadOnlyDictionary<(int Before, int Last, int Length), Gap> best, long evaluations)
{
    /// <summary>Longer gaps are not tried; nor is history that old.</summary>
    public const int Longest = 24;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        RespectRequiredConstructorParameters = true,
        // A gap whose samples are no numbers is infinitely bad.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>What measuring them took.</summary>
    public long Evaluations => evaluations;

    /// <summary>The best filling; null for gaps that were not tried.</summary>
    /// <param name="before">a′; −1 if a is the first step that ran.</param>
    /// <param name="last">a.</param>
    /// <param name="length">k; 0 is the run alone.</param>
    public Gap? Best(int before, int last, int length)
    {
        var alone = best.GetValueOrDefault((-1, last, length));
        var both = before < 0 ? null : best.GetValueOrDefault((before, last, length));
        return both is null || alone?.Damage < both.Damage ? alone : both;
    }

    /// <summary>All of it as JSON text.</summary>
    public string ToJson()
    {
        var actions = best.Values.Select(gap => gap.Action).OfType<StepAction>().Distinct().ToList();
        return JsonSerializer.Serialize(
            new GapsJson(
                StepTableJson.ActionsToJson(actions),
                [
                    .. best.Select(each => new GapJson(
                        each.Key.Before, each.Key.Last, each.Key.Length,
                        each.Value.Action is { } action ? actions.IndexOf(action) : null, each.Value.Damage)),
                ],
                evaluations),
            Json);
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The text is no such measurement.</exception>
    public static Gaps FromJson(string json)
    {
        try
        {
            var read = JsonSerializer.Deserialize<GapsJson>(json, Json) ?? throw new JsonException("it is null");
            var actions = StepTableJson.ActionsFromJson(read.Actions, "measured gaps");
            return new(
                read.Gaps.ToDictionary(
                    gap => (gap.Before, gap.Last, gap.Length),
                    gap => new Gap(gap.Action is { } action ? actions[action] : null, gap.Damage)),
                read.Evaluations);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                $"the measured gaps are damaged at {exception.Path}; delete them to measure anew", exception);
        }
    }

    private sealed record GapsJson(string Actions, GapJson[] Gaps, long Evaluations);

    private sealed record GapJson(int Before, int Last, int Length, int? Action, double Damage);
}

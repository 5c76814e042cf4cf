using Mlops.Orchestrator.Schedules;

namespace Mlops.Orchestrator.History;

/// <summary>A planned time of a schedule as it is stored, beside the runs so that both change together.</summary>
internal sealed class FireRow
{
    public Guid RunId { get; init; }
    public required string Schedule { get; init; }
    public long PlannedMs { get; init; }
    public bool ByHand { get; init; }
    public FireOutcome Outcome { get; set; }
    public string? Reason { get; set; }
    public bool? Promoted { get; set; }
    public string? Verdict { get; set; }

    public static FireRow Of(Fire fire)
    {
        var row = new FireRow
        {
            RunId = fire.RunId, Schedule = fire.Schedule, PlannedMs = fire.PlannedMs, ByHand = fire.ByHand,
        };
        row.Take(fire);
        return row;
    }

    public void Take(Fire fire) =>
        (Outcome, Reason, Promoted, Verdict) = (fire.Outcome, fire.Reason, fire.Promoted, fire.Verdict);

    public Fire ToFire() => new(RunId, Schedule, PlannedMs, ByHand)
    {
        Outcome = Outcome, Reason = Reason, Promoted = Promoted, Verdict = Verdict,
    };
}

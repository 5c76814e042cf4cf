namespace Mlops.CoFinetuning;

/// <summary>What was tuned against the dense weights under the schedule that it started from: distances of final
/// samples to the teacher's, on noises that nothing was learned from. The nearer is stored.</summary>
public sealed record TuningOutcome(double Tuned, double Start)
{
    /// <summary>Whether tuning made it worse.</summary>
    public bool TakesStart => !(Tuned <= Start);
}

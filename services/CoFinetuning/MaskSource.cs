using Mlops.Pruning.Alter;
using Mlops.Pruning.Plans;
using static TorchSharp.torch;

namespace Mlops.CoFinetuning;

/// <summary>Which layers the backbone runs while it learns: all,
/// those of a plan, or those that are found beside it.</summary>
internal abstract class MaskSource : IDisposable
{
    /// <summary>The masks of the next backbone step; null runs every layer.</summary>
    public abstract HardTable? Current { get; }

    /// <summary>Kept ratio of the dense model's MACs under them.</summary>
    public abstract double Kept { get; }

    /// <summary>What is stored beside the trained weights; null for a network without one.</summary>
    public abstract PruningPlan? Plan { get; }

    /// <summary>How learned masks were frozen; null before that, and for masks that are given.</summary>
    public virtual FreezeRecord? Frozen => null;

    /// <summary>Begins a step, or does nothing if it is cancelled.</summary>
    /// <param name="step">1 for the first.</param>
    /// <returns>How a phase began; null at all steps that begin none.</returns>
    public virtual PhaseRecord? Begin(int step, CancellationToken cancellationToken) => null;

    /// <summary>Learns from the images that the backbone has just seen.</summary>
    /// <param name="row">The backbone's row of the loss curves.</param>
    /// <returns>The row with what was learned.</returns>
    public virtual LossRow Learn(LossRow row, (Tensor Images, Tensor? Labels) images) => row;

    /// <summary>Holds the trained network against what it started from, and goes back to that if it was better.
    /// </summary>
    /// <returns>Null where there was no start on the budget.</returns>
    public virtual TuningOutcome? Judge() => null;

    /// <summary>Writes what the next step depends on into a checkpoint.</summary>
    public virtual void Save(string folder)
    {
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="frozen">How the masks were frozen, if they were.</param>
    public virtual void Load(string folder, FreezeRecord? frozen)
    {
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}

/// <summary>Masks that nobody learns: those of a student's plan, or none.</summary>
internal sealed class FixedMasks(TrainingInputs inputs) : MaskSource
{
    /// <inheritdoc/>
    public override HardTable? Current { get; } = inputs.PlanTable;

    /// <inheritdoc/>
    public override double Kept { get; } = inputs.StudentKept();

    /// <inheritdoc/>
    public override PruningPlan? Plan => inputs.Plan;
}

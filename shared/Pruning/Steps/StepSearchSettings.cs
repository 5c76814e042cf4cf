namespace Mlops.Pruning.Steps;

/// <summary>How a table is made.</summary>
/// <param name="Method">The way.</param>
/// <param name="Runs">n, evaluations of the network for one image.</param>
/// <param name="Aim">What the true loss is measured to.</param>
/// <param name="Signs">U, random directions of the adjoint.</param>
/// <param name="Order">Of the uniform forecast.</param>
/// <param name="Budget">MACs of one image, where a step may call several networks; null: the runs are the budget.
/// </param>
/// <param name="Between">Layers that the steps between whole runs carry on; null: those forecast the output.</param>
public sealed record StepSearchSettings(
    StepMethod Method, int Runs, StepAim Aim, int Signs = 8, int Order = 1, long? Budget = null,
    StepAction.Partial? Between = null)
{
    /// <summary>Steps that must run the network.</summary>
    public int Fewest => StepBudget.Fewest(Between);

    /// <summary>What all runs of one image may cost together: MACs, or 1 for each run.</summary>
    public long Cap => Budget ?? Runs;
}

using Mlops.Diffusion.Training;
using Mlops.Pruning.Alter;
using static TorchSharp.torch;

namespace Mlops.CoFinetuning;

/// <summary>What ALTER adds to plain training: the hypernetwork, its optimiser and its step.</summary>
internal sealed class AlterPart : IDisposable
{
    private const int FewestExperts = 4;

    private readonly AlterNetwork _network;

    public AlterPart(TrainingInputs inputs, CoFinetuneOptions options, long seed)
    {
        if (inputs.Teacher is null)
            throw new InvalidOperationException("co-optimisation needs the dense teacher");

        Costs = inputs.LayerCosts();
        Costs.Target(options.Macs);
        var schedule = Schedule(inputs);
        var sizes = new AlterSizes(
            options.Experts ?? Math.Max(FewestExperts, schedule?.Experts.Count ?? 0), options.EmbeddingWidth,
            options.ExpertWidth, options.RouterWidth);
        using (var scope = NewDisposeScope())
            _network = new AlterNetwork(
                inputs.Backbone.Layers.Count, TimestepTable.Compute(
                    inputs.Backbone, inputs.Scheduler.TrainTimesteps, inputs.Placement.Device), sizes, seed);
        if (schedule is not null)
            ScheduleStart.Imitate(_network, schedule);
        // No weight decay: it would pull decided logits back to the undecided middle.
        Part = new TrainedPart(
            "hypernetwork", _network, ScalarType.Float32,
            new LearningRate(options.HyperLearningRate, options.WarmUpSteps), weightDecay: 0, options.ClipNorm);
        Steps = new HypernetworkStep(_network, inputs.Backbone, inputs.Teacher, Costs, options, seed);
    }

    /// <summary>What each layer costs.</summary>
    public LayerCosts Costs { get; }

    /// <summary>The hypernetwork with its optimiser.</summary>
    public TrainedPart Part { get; }

    /// <summary>Its gradient and its masks.</summary>
    public HypernetworkStep Steps { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Steps.Dispose();
        Part.Dispose();
        _network.Dispose();
    }

    private static HardTable? Schedule(TrainingInputs inputs) =>
        inputs.Plan?.Variants.Any(variant => variant.Keep.Count > 0) is true
            ? throw new InvalidDataException(
                $"the schedule of method '{inputs.Plan.Method}' slices channels; mode alter starts from layer skips "
                + "only, so give it a schedule of skips or none")
            : inputs.PlanTable;
}

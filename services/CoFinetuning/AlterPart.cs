using Mlops.Diffusion.Training;
using Mlops.Pruning.Alter;
using static TorchSharp.torch;

namespace Mlops.CoFinetuning;

/// <summary>What ALTER adds to plain training: the hypernetwork, its optimiser and its step.</summary>
internal sealed class AlterPart : IDisposable
{
    private readonly AlterNetwork _network;

    public AlterPart(TrainingInputs inputs, CoFinetuneOptions options, long seed)
    {
        if (inputs.Teacher is null)
            throw new InvalidOperationException("co-optimisation needs the dense teacher");

        Costs = inputs.LayerCosts();
        Costs.Target(options.Macs);
        var sizes = new AlterSizes(options.Experts, options.EmbeddingWidth, options.ExpertWidth, options.RouterWidth);
        using (var scope = NewDisposeScope())
            _network = new AlterNetwork(
                inputs.Backbone.Layers.Count, TimestepTable.Compute(
                    inputs.Backbone, inputs.Scheduler.TrainTimesteps, inputs.Placement.Device), sizes, seed);
        if (inputs.PlanTable is { } schedule)
            ScheduleStart.Imitate(_network, schedule);
        // No weight decay: it would pull decided logits back to the undecided middle.
        Part = new TrainedPart(
            "hypernetwork", _network, new LearningRate(options.HyperLearningRate, options.WarmUpSteps), 0,
            options.ClipNorm);
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
}

using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;

namespace Mlops.Pruning.Plans;

/// <summary>
/// The model that a run was given, as something to prune. One that is pruned already is the smaller network that its
/// plan leaves: layers that never run are none any more, sliced widths are its widths, and where it routes by timestep,
/// every call does. All methods so score, search, train and count what really runs.
/// </summary>
public static class GivenModel
{
    /// <summary>Loads it; its step table, if it has one, is not part of the network.</summary>
    /// <exception cref="InvalidDataException">Plan, configuration and weights do not fit each other.</exception>
    public static Denoiser Load(string folder, Placement? placement = null)
    {
        var model = PrunedModel.Load(folder, placement);
        Follow(model.Inner, model.Plan, folder);
        return model.Inner;
    }

    /// <summary>The same to be counted only; without weights where the model is dense.</summary>
    public static Denoiser ShapeOnly(string folder) => PrunedModel.PlanIn(folder) is null
        ? ModelFamily.ShapeOnly(ModelFolder.Config(folder))
        : Load(folder);

    /// <summary>The configuration of the dense model that it was made from, or of itself.</summary>
    public static ModelConfig DenseConfig(string folder) =>
        PrunedConfig.Read(folder)?.Dense ?? ModelFolder.Config(folder);

    /// <summary>Weights that were tuned for the given model with a schedule, and that schedule alone.</summary>
    /// <param name="student">With the whole plan beside them.</param>
    /// <param name="folder">The given model's.</param>
    public static PrunedModel LoadStudent(string student, string folder, Placement? placement = null)
    {
        var (network, schedule) = (PrunedModel.Load(student, placement), ModelFolder.Scheduler(folder));
        Follow(network.Inner, PrunedModel.PlanIn(folder), folder);
        var left = network.Inner.LeftOut;
        return PrunedModel.Of(network.Inner, network.Plan is not { } plan ? null : PruningPlan.FromTable(
            plan.Method,
            [.. plan.VariantsAt.Select(variant => new PlanVariant(
                plan.Variants[variant].Skip.Where(name => !left.Contains(name))))],
            plan.KeptRatio), schedule);
    }

    /// <summary>Refuses a second step table.</summary>
    /// <param name="given">The given model's plan; null for a dense one.</param>
    /// <exception cref="InvalidDataException">It has one.</exception>
    public static void RefuseTable(PruningPlan? given)
    {
        if (given?.Steps is { } table)
            throw new InvalidDataException(
                $"the model has a step table already ({table.Sampler}, {table.Runs} of {table.Steps} steps run), and "
                + "no second one can be made over its forecasts; give the model that it was made from, or a method "
                + "that leaves out layers or channels, which keeps the table");
    }

    /// <summary>Refuses a model whose step table carries on layers, or which keeps other channels or has other weights
    /// at other timesteps: what is left out of it then could be one of them.</summary>
    /// <exception cref="InvalidDataException">It does.</exception>
    public static void RefuseUnprunable(PruningPlan? given)
    {
        if (given is { RoutesChannels: true })
            throw new InvalidDataException(
                "the model keeps other heads and neurons at other timesteps, and nothing can be pruned below that; "
                + "give the model that it was made from");
        if (given is { Packs.Count: > 0 })
            throw new InvalidDataException(
                "the model has other weights at other timesteps, and nothing can be pruned below that; give the model "
                + "that it was made from");
        if (given is { CarriesLayers: true })
            throw new InvalidDataException(
                "the step table of the model carries on layers from one step to the next, and nothing can be pruned "
                + "below that; give the model that it was made from, or a step table of whole forecasts");
    }

    /// <summary>Refuses any model that is pruned already.</summary>
    /// <param name="what">What is made of a dense one only.</param>
    /// <exception cref="InvalidDataException">It is.</exception>
    public static void RefuseAny(PruningPlan? given, string what)
    {
        if (given is not null)
            throw new InvalidDataException(
                $"{what} is made for a dense model, and this one is pruned already ({given.Method}); give the model "
                + "that it was made from");
    }

    /// <summary>Refuses a model that routes by timestep.</summary>
    /// <param name="method">What cannot go on from there.</param>
    /// <exception cref="InvalidDataException">It does.</exception>
    public static void RefuseRouting(PruningPlan? given, string method)
    {
        if (given is { IsConstant: false })
            throw new InvalidDataException(
                $"the model routes by timestep already, between {given.Variants.Count} variants, and the budget of "
                + $"{method} is one of layers that run at every timestep; give the model that it was made from, or "
                + "take stage-laptop, laptop, or a method that leaves out channels or steps");
    }

    private static void Follow(Denoiser network, PruningPlan? plan, string folder)
    {
        if (plan is null)
            return;
        RefuseUnprunable(plan);
        network.LeaveOut(plan.NeverRun);
        if (plan.IsConstant)
            return;
        network.Routing = new LayerRouting(
            [.. plan.Variants.Select(variant =>
                network.Layers.Select(layer => !variant.Skip.Contains(layer.Name)).ToArray())],
            plan.VariantsAt, PrunedModel.RowsOf(plan, ModelFolder.Scheduler(folder)));
    }
}

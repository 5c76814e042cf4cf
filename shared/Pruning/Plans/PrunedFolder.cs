using System.Text.Json;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Weights;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.Pruning.Plans;

/// <summary>Reads and writes the folder of a pruned model's network: <c>config.json</c> with everything that the plan
/// says, and <c>model.safetensors</c>.</summary>
public static class PrunedFolder
{
    /// <summary>Writes both files.</summary>
    /// <param name="network">Dense, or sliced as the plan says.</param>
    /// <param name="schedulerJson">Text of scheduler_config.json: what network times mean.</param>
    /// <param name="packs">Of the plan's variants.</param>
    public static void Save(
        string folder, Denoiser network, PruningPlan plan, string schedulerJson, WeightPacks? packs = null)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Directory.CreateDirectory(folder);
        // The output of a DiT reads block 0's embedders also where that block never runs.
        var (skip, replaced) = (plan.NeverRun, packs?.ReplacedBy(plan));
        var heads = new Dictionary<string, long>();
        var weights = PrunedWeights.ForDiffusers(network, heads)
            .Where(weight => ConditionsOutput(weight.Name) || !skip.Any(layer => IsInside(weight.Name, layer)))
            .Where(weight => replaced?.Contains(WeightPacks.ModuleOf(weight.Name)) is not true)
            .ToDictionary(weight => weight.Name, weight => weight.Value, StringComparer.Ordinal);
        using var shapeOnly = ModelFamily.ShapeOnly(network.Config);
        var dense = shapeOnly.Shapes();
        var scheduler = NoiseSchedulers.Parse(schedulerJson);
        using var planJson = JsonDocument.Parse(PlanFile.ToJson(plan));
        var shapes = weights.Where(weight => !weight.Value.shape.SequenceEqual(dense[weight.Key]))
            .ToDictionary(weight => weight.Key, weight => weight.Value.shape);
        foreach (var (layer, width) in ChannelGroups.PassedWidths(network, plan))
            shapes[$"{layer}.conv2.weight"] = [width, .. dense[$"{layer}.conv2.weight"][1..]];
        var entry = new PrunedConfig(
            PrunedConfig.CurrentFormat, planJson.RootElement, Grid(plan.Steps, scheduler),
            scheduler.Prediction == PredictionKind.Flow ? PrunedConfig.Flow : PrunedConfig.Native,
            [.. dense.Keys.Where(name => !weights.ContainsKey(name)).Select(WeightPacks.ModuleOf).Distinct()],
            shapes,
            SlicedShapes.Of(network).NormGroups,
            heads.Where(entry => !skip.Any(layer => IsInside(entry.Key + ".", layer))).ToDictionary());
        var locked = PrunedConfig.LockOf(network.Config);
        // One file: the loader reads no shards.
        var own = weights.Select(weight => KeyValuePair.Create(
            weight.Key, weight.Key == locked ? weight.Value.unsqueeze(0) : weight.Value));
        TensorsWriter.Write(
            folder, PrunedConfig.Stem, [.. own, .. packs is null ? [] : Packed(network, plan, packs)], long.MaxValue);
        entry.Write(Path.Combine(folder, "config.json"), network.Config);
    }

    /// <summary>Loads the network; null where the folder holds no pruned one.</summary>
    /// <exception cref="InvalidDataException">Configuration and weights do not fit each other.</exception>
    public static (Denoiser Network, PruningPlan Plan, WeightPacks? Packs)? Load(
        string folder, Placement? placement = null)
    {
        if (PrunedConfig.Read(folder) is not { } read)
            return null;
        var (entry, dense) = read;
        var sliced = new SlicedShapes(entry.NormGroups, new Dictionary<string, IReadOnlyList<long>>());
        var config = dense.With(SlicedShapes.Key, sliced.Any ? sliced.ToJson() : null);
        using var stored = StoredTensors.OpenIn(ModelFolder.Locate(folder), PrunedConfig.Stem);
        CheckShapes(stored, entry, dense);
        var network = ModelFolder.Load(
            config, stored, sliced: true, entry.Absent, placement, PrunedConfig.LockOf(dense));
        PrunedWeights.FromDiffusers(network, entry.Heads);
        var plan = entry.ToPlan(dense.Source);
        CheckGrid(entry.Grid, plan.Steps, folder, dense.Source);
        return (network, plan, plan.Packs.Count == 0 ? null
            : WeightPacks.Of(
                StoredTensors.OpenIn(ModelFolder.Locate(folder), PrunedConfig.Stem),
                PrunedWeights.FromDiffusers(network)));
    }

    /// <summary>A DiT's output layer asks the first block's embedders even when that block is skipped.</summary>
    public static bool ConditionsOutput(string parameter) =>
        parameter.StartsWith("transformer_blocks.0.norm1.emb.", StringComparison.Ordinal);

    private static IEnumerable<KeyValuePair<string, Tensor>> Packed(
        Denoiser network, PruningPlan plan, WeightPacks packs) =>
        from pack in plan.Packs
        let names = packs.NamesOf(pack).ToHashSet(StringComparer.Ordinal)
        from weight in PrunedWeights.ForDiffusers(packs.Network(network, pack), [])
        where names.Contains(weight.Name)
        select KeyValuePair.Create(WeightPacks.Key(pack, weight.Name), weight.Value);

    private static bool IsInside(string parameter, string layer) =>
        parameter.StartsWith(layer + ".", StringComparison.Ordinal);

    private static void CheckShapes(StoredTensors stored, PrunedConfig entry, ModelConfig dense)
    {
        using var shapeOnly = ModelFamily.ShapeOnly(dense);
        var locked = PrunedConfig.LockOf(dense);
        foreach (var (name, shape) in shapeOnly.Shapes())
        {
            var wanted = entry.Shapes.GetValueOrDefault(name) ?? shape;
            if (stored.Names.Contains(name) && stored.Entry(name).Shape is var found
                && !found.SequenceEqual(name == locked ? [1, .. wanted] : wanted))
                throw new InvalidDataException(
                    $"{stored.Path} holds tensor \"{name}\" with shape [{string.Join(", ", found)}], but config.json "
                    + $"says [{string.Join(", ", wanted)}]; use the weights that belong to it");
        }
    }

    // Forecasts take the grid from the scheduler here, and from the entry in diffusers: they must say the same.
    private static void CheckGrid(PrunedGrid? stored, StepTable? table, string folder, string source)
    {
        if (ModelFolder.Scheduler(folder) is not { } scheduler)
            return;
        try
        {
            var grid = Grid(table, NoiseSchedulers.Parse(scheduler));
            if (stored is null != grid is null || (stored is not null && !stored.IsNear(grid!)))
                throw new InvalidDataException("it is not that of the scheduler and the step table beside it");
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidDataException)
        {
            throw new InvalidDataException(
                $"{source}: \"grid\" of \"pruned\" cannot be used ({exception.Message.TrimEnd('.')}); export the model "
                + "again", exception);
        }
    }

    private static PrunedGrid? Grid(StepTable? table, NoiseScheduler scheduler)
    {
        if (table is null)
            return null;
        // On timesteps of its own the table's sampler may stand here under another name.
        if (table.Timesteps is null && SamplerNames.NameOf(scheduler) != table.Sampler)
            throw new InvalidDataException(
                $"the step table is for {table.Sampler}, but the scheduler is of {SamplerNames.NameOf(scheduler)}");
        scheduler.SetTimesteps(table.Steps, scheduler.GridOf(table.Timesteps));
        StepTable.CheckGrid(table.Sampler, table.Steps, scheduler.Timesteps);
        var levels = Enumerable.Range(0, table.Steps).Select(scheduler.LevelOf).ToArray();
        return new PrunedGrid(
            scheduler.Prediction switch
            {
                PredictionKind.Epsilon => "epsilon",
                PredictionKind.Velocity => "v_prediction",
                PredictionKind.Sample => "sample",
                _ => "flow",
            },
            [.. scheduler.Timesteps], [.. levels.Select(level => level.Alpha)],
            [.. levels.Select(level => level.Sigma)]);
    }
}

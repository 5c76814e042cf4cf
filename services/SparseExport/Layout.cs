using System.Text.Json.Nodes;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Weights;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.SparseExport;

/// <summary>Chooses the layout and writes it.</summary>
internal static class Layout
{
    /// <summary>Writes the model and returns the layout it got.</summary>
    /// <exception cref="InvalidDataException">The wanted layout cannot say this plan.</exception>
    public static ExportFormat Write(PrunedSource source, ExportFormat wanted, string folder)
    {
        var (network, plan) = (source.Model.Inner, source.Plan);
        if (!plan.IsConstant && wanted is not (ExportFormat.Auto or ExportFormat.Routed))
            throw new InvalidDataException(
                $"format '{Name(wanted)}' needs one network for all timesteps, but the plan has {plan.Variants.Count} "
                + "variants; use the format 'routed'");

        var format = wanted;
        NativeModel? native = null;
        if (wanted is ExportFormat.Auto or ExportFormat.Native && plan.IsConstant)
        {
            native = NativeModel.From(network, plan.Variants[0], out var obstacle);
            if (native is null && wanted == ExportFormat.Native)
                throw new InvalidDataException($"format 'native' cannot hold this plan: {obstacle}; use 'planned'");
        }

        if (wanted == ExportFormat.Auto)
            format = !plan.IsConstant ? ExportFormat.Routed
                : native is null ? ExportFormat.Planned : ExportFormat.Native;
        switch (format)
        {
            case ExportFormat.Native:
                // No plan beside it, so that every tool loads it; what knows step tables finds this one.
                WriteFolder(folder, WithSteps(native!.Config, plan.Steps), native.Weights, source.SchedulerJson);
                break;
            case ExportFormat.Padded:
                using (var padded = PaddedModel.From(network, plan.Variants[0]))
                    PrunedModel.Save(folder, padded, plan, source.SchedulerJson);
                break;
            case ExportFormat.Planned:
                WritePlanned(folder, network, plan, source.SchedulerJson);
                break;
            default:
                PrunedModel.Save(folder, network, plan, source.SchedulerJson);
                break;
        }

        native?.Dispose();
        return format;
    }

    private static void WritePlanned(string folder, Denoiser network, PruningPlan plan, string? schedulerJson)
    {
        var skip = plan.Variants[0].Skip;
        var slices = SlicedShapes.Of(network);
        var config = network.Config.With(SlicedShapes.Key, slices.Any ? slices.ToJson() : null);
        var weights = network.Present()
            .Where(weight => ConditionsOutput(weight.Name) || !skip.Any(layer => IsInside(weight.Name, layer)));
        Directory.CreateDirectory(folder);
        PlanFile.Save(plan, folder);
        WriteFolder(folder, config, weights, schedulerJson);
    }

    private static ModelConfig WithSteps(ModelConfig config, StepTable? steps) => config.With(
        StepTableJson.ConfigKey, steps is null ? null : JsonNode.Parse(StepTableJson.ToJson(steps)));

    private static void WriteFolder(
        string folder, ModelConfig config, IEnumerable<(string Name, Parameter Value)> weights, string? schedulerJson)
    {
        Directory.CreateDirectory(folder);
        TensorsWriter.Write(folder, ModelFolder.Stem,
            [.. weights.Select(entry => KeyValuePair.Create(entry.Name, (Tensor)entry.Value))]);
        if (schedulerJson is not null)
            File.WriteAllText(Path.Combine(folder, "scheduler_config.json"), schedulerJson);
        config.Write(Path.Combine(folder, "config.json"));
    }

    /// <summary>A DiT's output layer asks the first block's embedders even when that block is skipped.</summary>
    internal static bool ConditionsOutput(string parameter) =>
        parameter.StartsWith("transformer_blocks.0.norm1.emb.", StringComparison.Ordinal);

    internal static bool IsInside(string parameter, string layer) =>
        parameter.StartsWith(layer + ".", StringComparison.Ordinal);

    private static string Name(ExportFormat format) => format.ToString().ToLowerInvariant();
}

using Mlops.Diffusion.Models;
using Mlops.Diffusion.Weights;
using Mlops.Pruning.Plans;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.SparseExport;

/// <summary>Chooses the format and writes the network in it.</summary>
internal static class Layout
{
    /// <summary>Writes config and weights, and returns the format that they got.</summary>
    /// <exception cref="InvalidDataException">The wanted format cannot say this plan.</exception>
    public static ExportFormat Write(PrunedSource source, ExportFormat wanted, string folder)
    {
        var (network, plan) = (source.Model.Inner, source.Plan);
        var obstacle = Obstacle(plan);
        if (wanted == ExportFormat.Onnx && plan.CarriesLayers)
            Refuse(wanted, obstacle);
        if (wanted == ExportFormat.Padded)
        {
            Refuse(wanted, obstacle);
            using var padded = PaddedModel.From(network, plan.Variants[0]);
            WriteFolder(folder, padded.Config, padded.Present());
            return ExportFormat.Padded;
        }

        if (wanted != ExportFormat.Pruned && obstacle is null)
        {
            using var native = NativeModel.From(network, plan.Variants[0], out var reason);
            if (native is not null)
            {
                WriteFolder(folder, native.Config, native.Weights);
                return ExportFormat.Native;
            }

            obstacle = reason;
        }

        if (wanted == ExportFormat.Native)
            Refuse(wanted, obstacle);
        PrunedFolder.Save(folder, network, plan, source.SchedulerJson, source.Model.Packs);
        return ExportFormat.Pruned;
    }

    // Such plans run code, which no config says.
    private static string? Obstacle(PruningPlan plan) =>
        !plan.IsConstant ? $"the network changes with the timestep, between {plan.Variants.Count} variants"
        : plan.CarriesLayers ? "layers are carried on from one step of the sampler to the next"
        : plan.Steps is { } steps ? $"the network runs at {steps.Runs} of {steps.Steps} steps, the others are forecast"
        : null;

    private static void Refuse(ExportFormat wanted, string? obstacle)
    {
        if (obstacle is not null)
            throw new InvalidDataException(
                $"format '{wanted.ToString().ToLowerInvariant()}' cannot hold this plan: {obstacle}; use 'pruned'");
    }

    private static void WriteFolder(
        string folder, ModelConfig config, IEnumerable<(string Name, Parameter Value)> weights)
    {
        Directory.CreateDirectory(folder);
        TensorsWriter.Write(folder, ModelFolder.Stem,
            [.. weights.Select(entry => KeyValuePair.Create(entry.Name, (Tensor)entry.Value))]);
        config.Write(Path.Combine(folder, "config.json"));
    }
}

using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Diffusion.Weights;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;

namespace Mlops.SparseExport;

/// <summary>What stands around the network so that diffusers' <c>DiffusionPipeline</c> loads all of it.</summary>
internal static class PipelineFolder
{
    private const string Loader = "mlops_pruned_1", Pipeline = "mlops_pipeline_1", OwnClass = "MlopsPipeline";

    // The oldest version that every export was tried with.
    private const string DiffusersVersion = "0.31.0";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Where the network goes.</summary>
    public static string NetworkFolder(Denoiser network) => network is UNet2DModel ? "unet" : "transformer";

    /// <summary>The scheduler of the exported folder: the sampler of a step table, or what does the same on timesteps
    /// of one's own; else the model's own.</summary>
    public static string SchedulerFor(string schedulerJson, StepTable? steps)
    {
        if (steps is null)
            return schedulerJson;
        var own = NoiseSchedulers.Parse(schedulerJson);
        var sampler = NoiseSchedulers.Convert(own, SamplerNames.ClassOf(steps.Sampler));
        return NoiseSchedulers.ToText(
            steps.Timesteps is null ? sampler : NoiseSchedulers.TakingTimesteps(sampler));
    }

    /// <summary>Writes everything but the network and the card.</summary>
    /// <returns>Whether code of the folder must be trusted to load it, and the arguments that a call needs.</returns>
    public static PipelineUse Write(string folder, PrunedSource source, ExportFormat format)
    {
        var network = source.Model.Inner;
        var scheduler = NoiseSchedulers.Parse(source.SchedulerJson);
        var vae = CopyAutoencoder(source.DenseFolder, folder);
        var component = NetworkFolder(network);
        var own = source.Plan.Steps is not null || scheduler.Prediction == PredictionKind.Flow
            || (network is not UNet2DModel && vae is null);
        var name = own ? OwnClass : Stock(network, scheduler);
        var pruned = format == ExportFormat.Pruned;
        var index = new JsonObject
        {
            ["_class_name"] = own ? new JsonArray(Pipeline, name) : name,
            ["_diffusers_version"] = DiffusersVersion,
            ["scheduler"] = new JsonArray("diffusers", scheduler.Options.ClassName),
            [component] = pruned
                ? new JsonArray(Loader, ModelConfig.PrunedPrefix + PrunedConfig.ClassOf(network.Config))
                : new JsonArray("diffusers", network.Config.ClassName),
        };
        if (vae is not null)
            index["vae"] = new JsonArray("diffusers", vae);
        if (pruned)
            CopyResource($"{Loader}.py", Path.Combine(folder, component));
        if (own)
            CopyResource($"{Pipeline}.py", folder);
        AtomicFile.WriteText(Path.Combine(folder, "scheduler", "scheduler_config.json"), source.SchedulerJson);
        AtomicFile.WriteText(Path.Combine(folder, "model_index.json"), index.ToJsonString(Indented));
        return new PipelineUse(own || pruned, Arguments(network, source.Plan.Steps, name));
    }

    private static string Stock(Denoiser network, NoiseScheduler scheduler) => network switch
    {
        not UNet2DModel => "DiTPipeline",
        // The one pipeline of diffusers for pixels that passes labels, and that scales the network's input.
        { Classes: > 0 } => "ConsistencyModelPipeline",
        _ => scheduler is EulerScheduler ? "ConsistencyModelPipeline" : "DDPMPipeline",
    };

    private static string Arguments(Denoiser network, StepTable? steps, string pipeline)
    {
        var labels = network.Classes > 0 ? "class_labels=[0]" : null;
        // The step table brings its own number of steps and guidance.
        return string.Join(", ", ((string?[])[labels, steps is null ? "num_inference_steps=50" : null])
            .Where(argument => argument is not null));
    }

    private static string? CopyAutoencoder(string source, string folder)
    {
        var from = Path.Combine(source, "vae");
        var config = Path.Combine(from, "config.json");
        if (!File.Exists(config))
            return null;
        var target = Directory.CreateDirectory(Path.Combine(folder, "vae")).FullName;
        foreach (var file in Directory.EnumerateFiles(from))
            using (var read = File.OpenRead(file))
                AtomicFile.Write(Path.Combine(target, Path.GetFileName(file)), read.CopyTo);
        using var parsed = JsonDocument.Parse(File.ReadAllText(config));
        return parsed.RootElement.TryGetProperty("_class_name", out var name) ? name.GetString() : "AutoencoderKL";
    }

    private static void CopyResource(string name, string folder)
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the program lacks its part '{name}'");
        AtomicFile.Write(Path.Combine(folder, name), resource.CopyTo);
    }
}

/// <summary>How people load and call an exported pipeline.</summary>
/// <param name="TrustsCode">Whether it needs <c>trust_remote_code=True</c>.</param>
/// <param name="Arguments">Of a call.</param>
public sealed record PipelineUse(bool TrustsCode, string Arguments)
{
    /// <summary>The line that loads a folder.</summary>
    public string Line(string folder) =>
        $"pipe = DiffusionPipeline.from_pretrained(\"{folder}\"{(TrustsCode ? ", trust_remote_code=True" : "")})";
}

using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Weights;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// A model folder in diffusers' layout: <c>config.json</c> and <c>diffusion_pytorch_model.safetensors</c> (or shards),
/// alone or below <c>unet/</c> or <c>transformer/</c> of a pipeline, with <c>scheduler_config.json</c> beside it or
/// below <c>scheduler/</c>.
/// </summary>
public static class ModelFolder
{
    /// <summary>File name of the weights, without extension.</summary>
    public const string Stem = "diffusion_pytorch_model";

    private const string PlanFile = "pruning_plan.json";
    private const string ConfigFile = "config.json";
    private const string SchedulerFile = "scheduler_config.json";

    /// <summary>Loads a network strictly: no tensor missing, none left over, every shape as configured.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">Config or weights are missing.</exception>
    /// <exception cref="InvalidDataException">Config or weights are wrong, or hold NaN.</exception>
    public static Denoiser Load(string folder, Placement? placement = null) =>
        File.Exists(Path.Combine(folder, PlanFile))
            ? throw new InvalidDataException(
                $"{folder} holds a {PlanFile}, which would be lost here; load it as a pruned model.")
            : Load(folder, sliced: false, placement: placement);

    /// <summary>Loads a network and says how its weights may differ from the configuration.</summary>
    /// <param name="sliced">Whether sizes may differ.</param>
    /// <param name="optional">Paths of layers whose weights may be absent, because a plan never runs them.</param>
    /// <param name="placement">Where the weights go; null is float32 on the CPU.</param>
    public static Denoiser Load(
        string folder, bool sliced, IReadOnlyCollection<string>? optional = null, Placement? placement = null)
    {
        var root = Locate(folder);
        var config = ModelConfig.Read(Path.Combine(root, ConfigFile));
        using var stored = StoredTensors.OpenIn(root, Stem);
        return Load(config, stored, sliced, optional, placement);
    }

    /// <summary>Builds the network of a configuration from stored tensors.</summary>
    /// <param name="stored">Tensors under current or older names; further sets are left alone.</param>
    /// <param name="sliced">Whether their shapes may differ from the configuration.</param>
    /// <param name="optional">Paths of layers that may be absent; they have shapes but cannot run.</param>
    /// <param name="placement">Where the weights go; null is float32 on the CPU.</param>
    /// <param name="locked">A tensor that is stored with a leading dimension of 1, which is taken off.</param>
    public static Denoiser Load(
        ModelConfig config, StoredTensors stored, bool sliced = false, IReadOnlyCollection<string>? optional = null,
        Placement? placement = null, string? locked = null)
    {
        var model = ModelFamily.ShapeOnly(config);
        try
        {
            var names = stored.Names.Where(name => !name.Contains(StoredTensors.SetSeparator))
                .ToDictionary(KeyNames.Current, name => name, StringComparer.Ordinal);
            StoredShapes.Check(model, stored, names, sliced, optional ?? [], locked);
            var (device, dtype) = placement ?? Placement.Cpu;
            model.SetAll((name, _) => names.TryGetValue(name, out var storedName)
                ? (name == locked ? stored.ReadFinite(storedName)[0] : stored.ReadFinite(storedName)).to(dtype, device)
                : null);
            SlicedShapes.Of(config).ApplyTo(model);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The configuration of a model folder, weights untouched.</summary>
    public static ModelConfig Config(string folder) => ModelConfig.Read(Path.Combine(Locate(folder), ConfigFile));

    /// <summary>The scheduler's configuration as JSON text; null when the folder has none.</summary>
    public static string? Scheduler(string folder)
    {
        string[] places = [Path.Combine(folder, SchedulerFile), Path.Combine(folder, "scheduler", SchedulerFile)];
        return places.FirstOrDefault(File.Exists) is { } file ? File.ReadAllText(file) : null;
    }

    /// <summary>Writes config, weights and scheduler configuration.</summary>
    /// <param name="folder">Existing or new folder.</param>
    /// <param name="model">The network; sliced weights are written with the shapes they have.</param>
    /// <param name="schedulerJson">Text of scheduler_config.json; null writes none.</param>
    /// <param name="maxShardBytes">Tensor bytes per weight file.</param>
    public static void Save(
        string folder, Denoiser model, string? schedulerJson = null,
        long maxShardBytes = TensorsWriter.DefaultShardBytes)
    {
        Directory.CreateDirectory(folder);
        var slices = SlicedShapes.Of(model);
        TensorsWriter.Write(folder, Stem, [.. model.Present()
            .Select(named => KeyValuePair.Create(named.Name, (Tensor)named.Value))], maxShardBytes);
        if (schedulerJson is not null)
            AtomicFile.WriteText(Path.Combine(folder, SchedulerFile), schedulerJson);
        // Last, so that a folder with a config is a complete one.
        model.Config.With(SlicedShapes.Key, slices.Any ? slices.ToJson() : null)
            .Write(Path.Combine(folder, ConfigFile));
    }

    /// <summary>The folder that holds config.json: the given one, or the network's of a pipeline.</summary>
    public static string Locate(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{folder} {(File.Exists(folder) ? "is a file" : "does not exist")}; "
                + "give a diffusers model folder, which has config.json beside the weights.");
        string[] places = [folder, Path.Combine(folder, "unet"), Path.Combine(folder, "transformer")];
        return places.FirstOrDefault(place => File.Exists(Path.Combine(place, ConfigFile)))
            ?? throw new FileNotFoundException($"{folder} holds no {ConfigFile}, nor do unet/ and transformer/ in it; "
                + "give a folder that diffusers' save_pretrained wrote.", Path.Combine(folder, ConfigFile));
    }
}

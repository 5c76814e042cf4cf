using Mlops.Contracts;
using Mlops.Diffusion.Data;
using Mlops.Diffusion.Metrics;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using Mlops.Platform.Objects;
using Mlops.Pruning.Plans;
using Mlops.SparseExport;

namespace Mlops.Cli.Hosting;

/// <summary>
/// Imports user inputs into the object store, and refuses what cannot be read before a run starts.
/// </summary>
/// <param name="note">Says what was found and what was assumed, for the person to read.</param>
public sealed class RunInputs(ArtifactStore artifacts, Action<string> note)
{
    /// <summary>Pixels of an image's side unless a model says otherwise.</summary>
    public const int DefaultSide = 32;

    // Ho et al. 2020, section 4: what unconditional pixel models and DiT were trained with unless they say otherwise.
    private const string AssumedSchedule = """
        {
          "_class_name": "DDPMScheduler",
          "num_train_timesteps": 1000,
          "beta_start": 0.0001,
          "beta_end": 0.02,
          "beta_schedule": "linear",
          "prediction_type": "epsilon",
          "variance_type": "fixed_small",
          "clip_sample": true
        }
        """;

    /// <summary>Role to artifact.</summary>
    public async Task<IReadOnlyDictionary<string, ObjectRef>> ImportAsync(
        RunRequest request, CancellationToken cancellationToken)
    {
        var inputs = new Dictionary<string, ObjectRef>(StringComparer.Ordinal);
        var side = DefaultSide;
        request = request.OrFashion();
        if (request.Model is { } folder)
            (inputs["model"], side) = await ModelAsync(folder, request.Data, cancellationToken);
        if (request.Data is { } images)
            inputs["data"] = await DataAsync(images, side, cancellationToken);
        if (request.Features is { } network)
            inputs["features"] = await FeaturesAsync(network, request.Model, cancellationToken);
        return inputs;
    }

    /// <summary>Takes in images.</summary>
    /// <param name="source">A folder, or <c>procedural</c>.</param>
    /// <param name="side">Pixels to which PNG images are scaled.</param>
    public Task<ObjectRef> DataAsync(string source, int side, CancellationToken cancellationToken) => WithFolderAsync(
        staging => note($"data: {DataFolder.Import(source, staging, size: side).InWords()}"), "data",
        cancellationToken);

    /// <summary>Takes in a network for features, which is tried first.</summary>
    /// <param name="source">A .safetensors file, or a folder.</param>
    /// <param name="model">The model whose samples it will look at; null where that is not known yet.</param>
    public Task<ObjectRef> FeaturesAsync(
        string source, string? model, CancellationToken cancellationToken) => WithFolderAsync(
        staging =>
        {
            using var network = FeatureNetwork.Load(source);
            if (model is not null && GivenModel.DenseConfig(model).OptionalInteger("in_channels") is { } channels)
                network.CheckSees(channels);
            note($"features: {network.Protocol}");
            network.Save(staging);
        }, "features", cancellationToken);

    /// <summary>Takes in a diffusers folder.</summary>
    /// <param name="folder">With config and weights.</param>
    /// <param name="data">Images whose size a model gets that states none.</param>
    /// <returns>The model, pruned ones with their plan, and the side of its images.</returns>
    public async Task<(ObjectRef Reference, int Side)> ModelAsync(
        string folder, string? data, CancellationToken cancellationToken)
    {
        // The weights are read once here, so that a broken file is named before anything else happens.
        using var model = PrunedModel.Load(folder);
        if (model.Plan is { } plan)
            note(Note(plan, folder));
        var missing = MissingSide(model.Inner, folder, data);
        var scheduler = ModelFolder.Scheduler(folder);
        if (scheduler is null)
            note($"note: '{folder}' has no scheduler_config.json; assuming DDPM's linear betas over 1000 timesteps and "
                + "noise prediction. Put the right one beside config.json if that is not how it was trained.");
        Refuse(model.Inner, scheduler is null ? NoiseSchedulers.Parse(AssumedSchedule) : NoiseSchedulers.Load(folder));
        var reference = await WithFolderAsync(
            staging =>
            {
                PrunedModel.Save(staging, model.Inner, model.Plan, scheduler ?? AssumedSchedule, model.Packs);
                if (missing is { } side)
                    ModelFolder.Config(staging).With("sample_size", side)
                        .Write(Path.Combine(staging, "config.json"));
                CopyBeside(folder, staging);
            },
            "model", cancellationToken);
        return (reference, missing ?? (int)model.Inner.SampleShape.Height);
    }

    /// <summary>Refuses a network that nothing here could feed.</summary>
    /// <exception cref="InvalidDataException">It takes other labels than classes, or the logarithm of a time 0.
    /// </exception>
    public static void Refuse(Denoiser model, NoiseScheduler scheduler)
    {
        if (model is not UNet2DModel { Options: var options })
            return;
        if (options.ClassEmbedType is not null)
            throw model.Config.Wrong("class_embed_type", "null, because no data here has labels of other types");
        if (options.TimeEmbeddingType == "fourier" && scheduler.Schedule is not null)
            throw model.Config.Wrong("time_embedding_type", $"positional or learned for {scheduler.Options.ClassName}, "
                + "whose timestep 0 has no logarithm; only flow matching fits fourier");
    }

    private static string Note(PruningPlan plan, string folder) => FormattableString.Invariant(
        $"note: '{folder}' is pruned already ({plan.Method}, {plan.KeptRatio:0.0%} of its dense model's MACs a call")
        + (plan.Steps is { } steps ? $", {steps.Runs} of {steps.Steps} steps run" : "")
        + "); its plan counts, and ratios are of this model.";

    // What an export needs of a pipeline besides the network: the autoencoder, and what the card says of the license.
    private static void CopyBeside(string folder, string staging)
    {
        string[] files = ["README.md", ExportRecord.FileName, "vae/config.json",
            .. Directory.Exists(Path.Combine(folder, "vae"))
            ? Directory.EnumerateFiles(Path.Combine(folder, "vae"), "*.safetensors")
                .Select(file => Path.Combine("vae", Path.GetFileName(file))) : []];
        foreach (var file in files.Where(file => File.Exists(Path.Combine(folder, file))))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(staging, file))!);
            File.Copy(Path.Combine(folder, file), Path.Combine(staging, file));
        }
    }

    // UNets may leave open how large their images are; everything here needs one size.
    private int? MissingSide(Denoiser model, string folder, string? data)
    {
        if (model is not UNet2DModel { Options.SampleSize: [] })
            return null;
        if (data is null)
            throw new ArgumentException(
                $"the model in '{folder}' states no sample_size; give --data with images of its size");
        var size = DataFolder.Describe(data).Size;
        note($"note: '{folder}' states no sample_size; taking the images' {size} pixels.");
        return size;
    }

    private async Task<ObjectRef> WithFolderAsync(
        Action<string> fill, string kind, CancellationToken cancellationToken)
    {
        using var staging = new ScratchFolder();
        fill(staging.Path);
        return await artifacts.ImportAsync(staging.Path, kind, cancellationToken);
    }
}

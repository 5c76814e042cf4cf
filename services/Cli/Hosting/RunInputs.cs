using Mlops.Contracts;
using Mlops.Diffusion.Data;
using Mlops.Diffusion.Models;
using Mlops.Platform.Objects;

namespace Mlops.Cli.Hosting;

/// <summary>
/// Takes what a person brings into the object store, and refuses what cannot be read before a run is made of it.
/// </summary>
public sealed class RunInputs(ArtifactStore artifacts)
{
    private const int DefaultSide = 32;

    /// <summary>Role to artifact.</summary>
    public async Task<IReadOnlyDictionary<string, ObjectRef>> ImportAsync(
        RunRequest request, CancellationToken cancellationToken)
    {
        var inputs = new Dictionary<string, ObjectRef>(StringComparer.Ordinal);
        var side = DefaultSide;
        if (request.Model is { } folder)
            (inputs["model"], side) = await ModelAsync(folder, cancellationToken);
        inputs["data"] = await WithFolderAsync(
            staging => DataFolder.Import(request.Data, staging, size: side), "data", cancellationToken);
        return inputs;
    }

    private async Task<(ObjectRef Reference, int Side)> ModelAsync(string folder, CancellationToken cancellationToken)
    {
        // The weights are read once here, so that a broken file is named before anything else happens.
        using var model = ModelFolder.Load(folder);
        var scheduler = ModelFolder.Scheduler(folder) ?? throw new FileNotFoundException(
            $"the model folder '{folder}' has no scheduler_config.json, so its noise schedule is unknown; "
            + "put the one that it was trained with beside config.json");
        var reference = await WithFolderAsync(
            staging => ModelFolder.Save(staging, model, scheduler), "model", cancellationToken);
        return (reference, (int)model.SampleShape.Height);
    }

    private async Task<ObjectRef> WithFolderAsync(
        Action<string> fill, string kind, CancellationToken cancellationToken)
    {
        var staging = Directory.CreateTempSubdirectory("mlops-");
        try
        {
            fill(staging.FullName);
            return await artifacts.ImportAsync(staging.FullName, kind, cancellationToken);
        }
        finally
        {
            staging.Delete(recursive: true);
        }
    }
}

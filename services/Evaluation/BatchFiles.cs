using Mlops.Diffusion.Weights;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;

namespace Mlops.Evaluation;

/// <summary>Sampling in batches that each become a file; every finished one is a checkpoint, so that a job which was
/// stopped goes on with the next.</summary>
internal static class BatchFiles
{
    /// <summary>Writes the files that no checkpoint holds yet, and reads all of them.</summary>
    /// <param name="job">Keeps the checkpoints and takes progress.</param>
    /// <param name="progress">Share of the job that this is.</param>
    /// <param name="write">Writes the file of a path: <c>count</c> samples from <c>first</c> on.</param>
    /// <param name="read">Reads the files, in order; they are closed afterwards.</param>
    public static async Task<TResult> WriteAsync<TResult>(
        JobContext job, int images, int batch, double progress, Func<string, int, int, Task> write,
        Func<IReadOnlyList<SafetensorsFile>, TResult> read, CancellationToken cancellationToken)
    {
        using var folder = new ScratchFolder();
        if (await job.Checkpoints.LatestAsync(cancellationToken) is { } latest)
            foreach (var file in Directory.EnumerateFiles(latest))
                File.Copy(file, folder.File(Path.GetFileName(file)));
        for (var first = 0; first < images; first += batch)
        {
            var path = folder.File($"batch-{first:d7}.safetensors");
            if (File.Exists(path))
                continue;
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(batch, images - first);
            await write(path, first, count);
            await job.Checkpoints.SaveAsync(folder.Path, cancellationToken);
            job.Progress.Report(new(progress * (first + count) / images, $"{first + count} of {images} sampled"));
        }

        return Read(folder.Path, read);
    }

    private static TResult Read<TResult>(string folder, Func<IReadOnlyList<SafetensorsFile>, TResult> read)
    {
        var files = Directory.EnumerateFiles(folder)
            .Order(StringComparer.Ordinal).Select(SafetensorsFile.Open).ToList();
        try
        {
            return read(files);
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }
}

using Mlops.Diffusion.Weights;
using Mlops.Platform.Jobs;

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
        JobContext job, int images, int batch, double progress, Action<string, int, int> write,
        Func<IReadOnlyList<SafetensorsFile>, TResult> read, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-batches-").FullName;
        try
        {
            if (await job.Checkpoints.LatestAsync(cancellationToken) is { } latest)
                foreach (var file in Directory.EnumerateFiles(latest))
                    File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            for (var first = 0; first < images; first += batch)
            {
                var path = Path.Combine(folder, $"batch-{first:d7}.safetensors");
                if (File.Exists(path))
                    continue;
                cancellationToken.ThrowIfCancellationRequested();
                var count = Math.Min(batch, images - first);
                write(path, first, count);
                await job.Checkpoints.SaveAsync(folder, cancellationToken);
                job.Progress.Report(new(
                    progress * (first + count) / images, $"{first + count} of {images} sampled"));
            }

            return Read(folder, read);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
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

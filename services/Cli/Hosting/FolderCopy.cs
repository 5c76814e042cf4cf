namespace Mlops.Cli.Hosting;

/// <summary>Copies folders for people.</summary>
internal static class FolderCopy
{
    /// <summary>Copies all files.</summary>
    public static async Task CopyAsync(string source, string target, CancellationToken cancellationToken)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            // Not File.Copy: the stored files are read-only, and a result may be overwritten by the next run.
            await using var from = File.OpenRead(file);
            await using var to = File.Create(copy);
            await from.CopyToAsync(to, cancellationToken);
        }
    }
}

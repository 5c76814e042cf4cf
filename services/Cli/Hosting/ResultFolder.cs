namespace Mlops.Cli.Hosting;

/// <summary>Where a command leaves its results.</summary>
internal static class ResultFolder
{
    /// <summary>Refuses a folder whose files are not those of an earlier time.</summary>
    /// <param name="record">The file that every such folder has.</param>
    /// <param name="maker">What leaves it there: a run, a comparison.</param>
    /// <exception cref="ArgumentException">It has others.</exception>
    public static void CheckIsFree(DirectoryInfo folder, string record, string maker)
    {
        if (File.Exists(folder.FullName))
            throw new ArgumentException($"--out '{folder.FullName}' is a file; name a folder");
        if (folder.Exists && folder.EnumerateFileSystemInfos().Any()
            && !File.Exists(Path.Combine(folder.FullName, record)))
            throw new ArgumentException(
                $"--out '{folder.FullName}' has files that no {maker} left there; name another folder, or empty it");
    }
}

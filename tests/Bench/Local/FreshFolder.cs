namespace Mlops.Bench.Local;

/// <summary>Where a benchmark keeps its files: nothing of an earlier one is left there.</summary>
public static class FreshFolder
{
    /// <summary>The path of a folder that is not there yet.</summary>
    public static string Under(DirectoryInfo home, string name)
    {
        var folder = Path.Combine(home.FullName, name);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        return folder;
    }
}

namespace Mlops.Tests.Support;

/// <summary>The repository that these tests were built from.</summary>
public static class Repository
{
    /// <summary>Its root folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A file or folder below the root.</summary>
    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    /// <summary>Every source file with this extension, build output left out.</summary>
    public static IEnumerable<string> Sources(string extension, params string[] folders) =>
        (folders.Length == 0 ? ["shared", "services", "tests", "infra"] : folders)
        .Select(folder => Path(folder))
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*" + extension, SearchOption.AllDirectories))
        .Where(file => !Relative(file).Split('/').Any(part => part is "bin" or "obj" or "node_modules"))
        .Order(StringComparer.Ordinal);

    /// <summary>The path as the repository names it, with forward slashes.</summary>
    public static string Relative(string file) => System.IO.Path.GetRelativePath(Root, file).Replace('\\', '/');

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Mlops.sln")))
                return folder.FullName;
        throw new InvalidOperationException("the tests must run from a build inside the repository");
    }
}

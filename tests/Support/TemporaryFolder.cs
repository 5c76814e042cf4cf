using Microsoft.Data.Sqlite;

namespace Mlops.Tests.Support;

/// <summary>A folder that exists for one test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    // Of locks, and of transactions under way.
    private static readonly string[] PassingExtensions = [".lock", ".db-journal", ".db-shm", ".db-wal"];

    /// <summary>Where it is.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("mlops-test-").FullName;

    /// <summary>A path below it.</summary>
    public string File(string relative) => System.IO.Path.Combine(Path, relative);

    /// <summary>Every file below it, relative, sorted.</summary>
    public IReadOnlyList<string> Files => [.. Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories)
        .Select(file => System.IO.Path.GetRelativePath(Path, file)).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>
    /// Copies what a crash of its writers would leave: of a database, what was committed; no locks.
    /// </summary>
    public void CopyTo(TemporaryFolder other)
    {
        foreach (var name in Files.Where(name => !PassingExtensions.Any(name.EndsWith)))
        {
            var target = other.File(name);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            if (name.EndsWith(".db", StringComparison.Ordinal))
            {
                using var from = new SqliteConnection($"Data Source={File(name)};Pooling=False");
                using var to = new SqliteConnection($"Data Source={target};Pooling=False");
                from.Open();
                from.BackupDatabase(to);
                continue;
            }
            using var source = Open(name);
            if (source is null)
                continue;
            using var copy = System.IO.File.Create(target);
            source.CopyTo(copy);
        }
    }

    // Null if its writer has taken it away since it was listed; a crash a moment later would not have left it, either.
    private FileStream? Open(string name)
    {
        try
        {
            return new FileStream(File(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}

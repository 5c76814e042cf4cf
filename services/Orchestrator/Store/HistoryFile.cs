using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Mlops.Orchestrator.Store;

/// <summary>The SQLite file of the history: opens it for its owner, or for reading beside its owner.</summary>
internal static class HistoryFile
{
    // Raised with every change of the tables; a file of another version is refused rather than guessed at.
    private const int SchemaVersion = 5;

    /// <summary>Options for the process that owns the file; creates what is missing.</summary>
    /// <param name="interceptors">Take part in its transactions.</param>
    /// <exception cref="InvalidDataException">The file was written by another version of the program.</exception>
    public static DbContextOptions<StoreContext> OpenForWriting(string path, IEnumerable<IInterceptor> interceptors)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var options = Options(path, SqliteOpenMode.ReadWriteCreate);
        using var history = new StoreContext(options);
        try
        {
            history.Database.EnsureCreated();
        }
        catch (SqliteException exception)
        {
            throw new InvalidDataException(
                $"the run history '{path}' cannot be opened: {exception.Message}; move it away to start a new one",
                exception);
        }
        var version = Version(history);
        if (version == 0)
            history.Database.ExecuteSqlRaw($"{StoreContext.ComplexIndexes} PRAGMA user_version = {SchemaVersion}");
        else
            Check(path, version);
        return new DbContextOptionsBuilder<StoreContext>(options).AddInterceptors(interceptors).Options;
    }

    /// <summary>
    /// Options for reading, also while another process owns the file; null if there is no history yet.
    /// </summary>
    /// <exception cref="InvalidDataException">The file was written by another version of the program.</exception>
    public static DbContextOptions<StoreContext>? OpenForReading(string path)
    {
        if (!File.Exists(path))
            return null;
        var options = Options(path, SqliteOpenMode.ReadOnly);
        using var history = new StoreContext(options);
        Check(path, Version(history));
        return options;
    }

    private static void Check(string path, int version)
    {
        if (version != SchemaVersion)
            throw new InvalidDataException(
                $"the run history '{path}' has schema version {version}, this program knows {SchemaVersion}; "
                + "use the program that wrote it, or move the file away to start a new history");
    }

    private static int Version(StoreContext history) =>
        history.Database.SqlQuery<int>($"SELECT user_version AS Value FROM pragma_user_version").Single();

    private static DbContextOptions<StoreContext> Options(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnectionStringBuilder
        {
            // Pooling would keep the file open after a stop: only its owner has an end at which the pool is cleared.
            DataSource = path, Mode = mode, Pooling = mode != SqliteOpenMode.ReadOnly,
        };
        return new DbContextOptionsBuilder<StoreContext>().UseSqlite(connection.ToString()).Options;
    }
}

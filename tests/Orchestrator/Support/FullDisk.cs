using Microsoft.Data.Sqlite;

namespace Mlops.Tests.Orchestrator.Support;

/// <summary>A disk that has no space for one kind of change to the history, as a trigger beside its owner.</summary>
internal static class FullDisk
{
    /// <summary>From now on the change fails.</summary>
    /// <param name="change">As SQL says it: <c>INSERT ON Runs</c>.</param>
    public static Task FillAsync(string history, string change) => ExecuteAsync(
        history, $"CREATE TRIGGER full BEFORE {change} BEGIN SELECT RAISE(ABORT, 'disk full'); END");

    /// <summary>There is space again.</summary>
    public static Task FreeAsync(string history) => ExecuteAsync(history, "DROP TRIGGER full");

    private static async Task ExecuteAsync(string history, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={history}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}

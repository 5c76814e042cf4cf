using Microsoft.Data.Sqlite;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator;
using Mlops.Orchestrator.Handlers;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Store;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator.Store;

public sealed class HistoryFileTests : IDisposable
{
    private static readonly string Earlier = File.ReadAllText(
        Repository.Path("tests", "Orchestrator", "Store", "history.sql"));

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();

    [Fact]
    public void A_new_file_has_the_tables_of_earlier_ones_of_the_same_schema_version()
    {
        using (Open("new.db"))
        using (WriteEarlier("earlier.db"))
            Assert.Equal(Schema("earlier.db"), Schema("new.db"));
    }

    [Fact]
    public async Task A_file_of_an_earlier_program_is_read_and_its_run_goes_on()
    {
        WriteEarlier("earlier.db").Dispose();
        var queries = new RunQueries(_folder.File("earlier.db"));
        var run = Assert.Single(await queries.ListAsync(10, default));
        using var store = Open("earlier.db");
        var decisions = new RunDecisions(Options("earlier.db"));

        await new RunTransitions(store, decisions, new RunPlanner(new RecipeBook(), []))
            .ResumeAsync(new ResumeRun(run.RunId), Guid.NewGuid(), default);

        Assert.Equal(RunStatus.Cancelled, run.Status);
        var resumed = await queries.FindAsync(run.RunId, default);
        Assert.Equal(
            (RunStatus.Running, JobStatus.Dispatched, 2),
            (resumed!.Status, resumed.Jobs[0].Status, resumed.Jobs[0].Attempt));
        Assert.Equal("co-finetune/1", resumed.Attempts[0].KeyParts!["protocol"]);
        Assert.Equal("nightly", (await new ScheduleStore(store).FindAsync(run.RunId, default))!.Schedule);
    }

    [Fact]
    public void A_file_of_another_schema_version_is_refused_with_a_sentence()
    {
        using var file = WriteEarlier("later.db");
        Execute(file, "PRAGMA user_version = 6");

        var thrown = Assert.Throws<InvalidDataException>(() => Open("later.db"));

        Assert.Contains("has schema version 6", thrown.Message);
    }

    [Fact]
    public void A_history_that_was_closed_can_be_moved_away_and_begun_anew()
    {
        Open("runs.db").Dispose();
        File.Move(_folder.File("runs.db"), _folder.File("old.db"));

        Open("runs.db").Dispose();

        Assert.Equal(Schema("old.db"), Schema("runs.db"));
    }

    [Fact]
    public void A_file_that_is_no_history_is_refused_with_a_sentence_and_left_alone()
    {
        File.WriteAllText(_folder.File("other.db"), new string('x', 5000));

        var thrown = Assert.Throws<InvalidDataException>(() => Open("other.db"));

        Assert.Contains("cannot be opened", thrown.Message);
        Assert.Equal(5000, new FileInfo(_folder.File("other.db")).Length);
    }

    public void Dispose() => _folder.Dispose();

    private OrchestratorOptions Options(string name) => new() { HistoryFile = _folder.File(name) };

    private StateStore Open(string name) => new(Options(name), _time, []);

    private SqliteConnection WriteEarlier(string name)
    {
        var file = Connect(name);
        Execute(file, Earlier);
        return file;
    }

    private SqliteConnection Connect(string name)
    {
        var file = new SqliteConnection($"Data Source={_folder.File(name)};Pooling=False");
        file.Open();
        return file;
    }

    private static void Execute(SqliteConnection file, string sql)
    {
        using var command = file.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private List<string> Schema(string name)
    {
        using var file = Connect(name);
        using var command = file.CreateCommand();
        command.CommandText = "SELECT name || coalesce(sql, '') FROM sqlite_master ORDER BY name";
        using var row = command.ExecuteReader();
        var schema = new List<string>();
        while (row.Read())
            schema.Add(row.GetString(0));
        return schema;
    }
}

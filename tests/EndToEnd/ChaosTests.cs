using Mlops.Bench.Chaos;
using Mlops.Tests.Support;
using Spectre.Console;

namespace Mlops.Tests.EndToEnd;

/// <summary>A small campaign of <c>make bench NAME=chaos</c>: one kill of each kind at least.</summary>
[Trait("Category", "Drill")]
public sealed class ChaosTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Kills_of_worker_orchestrator_store_and_broker_lose_nothing_and_change_no_byte()
    {
        var silent = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });

        var table = await new ChaosBenchmark(new DirectoryInfo(_folder.Path), runs: 12, seed: 5, silent)
            .RunAsync(default);

        Assert.True(table.Kept, string.Join('\n', table.Verdicts));
        Assert.Equal([ChaosVerdict.Clean], table.Verdicts);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        Assert.All(
            table.Rows.Where(row => row[0].StartsWith("kills", StringComparison.Ordinal)),
            row => Assert.NotEqual("0", row[1]));
    }
}

using System.Diagnostics;
using System.Text.Json.Nodes;
using Mlops.Tests.Support;

namespace Mlops.Tests.Infra;

/// <summary>What <c>infra/seq/import.sh</c> does to a server that it can reach over real HTTP.</summary>
public sealed class SeqImportTests
{
    private const string Key = "canary-b7c1e0";
    private static readonly string Folder = Repository.Path("infra", "seq");

    [Fact]
    public async Task Every_file_becomes_one_entity_however_often_they_are_imported()
    {
        await using var seq = await SeqServer.StartAsync(Key);
        var first = await ImportAsync(seq.Address, Key);
        var ids = Named(seq).ToDictionary(each => each.Key, each => (string)each.Value["Id"]!);

        var second = await ImportAsync(seq.Address, Key);

        Assert.Equal((0, 0), (first.Exit, second.Exit));
        Assert.Equal(Templates().Count, ids.Count);
        Assert.Equal(ids, Named(seq).ToDictionary(each => each.Key, each => (string)each.Value["Id"]!));
        Assert.All(
            second.Output.Trim().Split('\n'), line => Assert.StartsWith("updated ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_changed_on_the_server_becomes_what_the_file_says()
    {
        await using var seq = await SeqServer.StartAsync(Key);
        await ImportAsync(seq.Address, Key);
        var alert = Named(seq)["alert Run failed"];
        (alert["Where"], alert["Activity"]) = ("true", new JsonObject { ["FailureCount"] = 3 });

        await ImportAsync(seq.Address, Key);

        var repaired = Named(seq)["alert Run failed"];
        Assert.Equal((string?)Templates()["alert Run failed"]["Where"], (string?)repaired["Where"]);
        Assert.Equal(3, (int?)repaired["Activity"]!["FailureCount"]);
    }

    [Fact]
    public async Task A_wrong_key_ends_it_with_one_sentence_and_no_key_is_printed()
    {
        await using var seq = await SeqServer.StartAsync(Key);

        var refused = await ImportAsync(seq.Address, "wrong-canary");
        var done = await ImportAsync(seq.Address, Key);

        Assert.Equal(2, refused.Exit);
        Assert.Contains("cannot be read", refused.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", refused.Output + done.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_address_it_says_which_variable_is_missing()
    {
        var ended = await ImportAsync(address: "", Key);

        Assert.Equal((2, "import: MLOPS_SEQ must name the server, for example http://127.0.0.1:5341\n"),
            (ended.Exit, ended.Output));
    }

    /// <summary>The committed files by kind and title.</summary>
    private static Dictionary<string, JsonObject> Templates() => Directory.GetFiles(Folder, "*.template")
        .Select(file => (JsonObject)JsonNode.Parse(File.ReadAllText(file))!)
        .ToDictionary(entity => $"{entity["$entity"]} {entity["Title"]}");

    private static Dictionary<string, JsonObject> Named(SeqServer seq) =>
        seq.Entities.ToDictionary(entity => $"{((string)entity["Id"]!).Split('-')[0]} {entity["Title"]}");

    private static async Task<(int Exit, string Output)> ImportAsync(string address, string key)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Folder, "import.sh")])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
            Environment = { ["MLOPS_SEQ"] = address, ["MLOPS_SEQ_API_KEY"] = key },
        };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}

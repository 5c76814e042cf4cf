using System.Text;
using System.Text.Json;
using Mlops.Contracts.Events;
using Mlops.Tests.EndToEnd.Support;

namespace Mlops.Tests.EndToEnd;

/// <summary>The password of the broker and the key of the store of a cluster at work are found nowhere.</summary>
[Trait("Category", "EndToEnd")]
public sealed class SecretsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task No_log_history_message_or_artifact_holds_a_secret()
    {
        await using var installation = await Installation.CreateAsync();
        var inputs = await Procedural.DataAsync(installation.Artifacts);
        using (var cluster = installation.StartCluster())
        {
            cluster.Add("CoFinetuning");
            var run = await installation.SubmitAsync(Recipes.Training(steps: 20), inputs: inputs);
            var completed = await installation.Heard.FirstAsync<RunCompleted>(ended => ended.RunId == run, Patience);
            await installation.Artifacts.FetchAsync(completed.Artifacts["model"], default);
            var refused = await installation.SubmitAsync("no-such-recipe", inputs: inputs);
            await installation.Heard.FirstAsync<RunRefused>(ended => ended.RunId == refused, Patience);
        }

        var files = Directory.GetFiles(installation.Folder, "*", SearchOption.AllDirectories);
        var messages = installation.Heard.All<object>()
            .Select(message => JsonSerializer.SerializeToUtf8Bytes(message, message.GetType())).ToArray();

        // The search would find what is there: the run is named in logs, history and messages.
        Assert.Contains(files, file => file.EndsWith(".log", StringComparison.Ordinal));
        Assert.Contains(files, file => file.EndsWith("history.db", StringComparison.Ordinal));
        Assert.Contains(messages, message => Holds(message, "no-such-recipe"));
        foreach (var secret in Secrets(installation))
        {
            Assert.All(files, file => Assert.False(Holds(File.ReadAllBytes(file), secret), $"{file} holds a secret"));
            Assert.All(messages, message => Assert.False(Holds(message, secret), "a message holds a secret"));
        }
    }

    private static string[] Secrets(Installation installation) =>
        [installation.Connections.Broker!.Password, installation.Connections.Store!.SecretKey];

    private static bool Holds(byte[] content, string text) =>
        content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
}

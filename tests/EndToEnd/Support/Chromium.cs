using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mlops.Tests.EndToEnd.Support;

/// <summary>A browser without a window, spoken to by the Chrome DevTools Protocol.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private const string Program = "chromium", Announcement = "DevTools listening on ";

    private readonly Process _process;
    private readonly ClientWebSocket _socket = new();
    private readonly List<JsonNode> _events = [];
    private int _sent;

    private Chromium(Process process) => _process = process;

    /// <summary>Whether it is installed.</summary>
    public static bool Exists => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, Program)));

    /// <summary>Starts one with a profile of its own.</summary>
    public static async Task<Chromium> StartAsync(string profile)
    {
        var start = new ProcessStartInfo(
            Program,
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0",
                $"--user-data-dir={profile}", "about:blank",
            ])
        {
            RedirectStandardError = true,
        };
        var browser = new Chromium(Process.Start(start)!);
        try
        {
            await browser.ConnectAsync();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a file as a screen of that width would show it.</summary>
    /// <param name="scheme"><c>light</c> or <c>dark</c>.</param>
    public async Task OpenAsync(string file, int width, string scheme)
    {
        await SendAsync("Emulation.setDeviceMetricsOverride", new JsonObject
        {
            ["width"] = width, ["height"] = 900, ["deviceScaleFactor"] = 1, ["mobile"] = false,
        });
        await SendAsync("Emulation.setEmulatedMedia", new JsonObject
        {
            ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = scheme }),
        });
        _events.Clear();
        await SendAsync("Page.navigate", new JsonObject { ["url"] = new Uri(file).AbsoluteUri });
        while (!Happened("Page.loadEventFired").Any())
            _events.Add(await ReceiveAsync());
    }

    /// <summary>What an expression of the page's language says.</summary>
    public async Task<JsonNode> EvaluateAsync(string expression)
    {
        var answer = await SendAsync("Runtime.evaluate", new JsonObject
        {
            ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true,
        });
        return answer["exceptionDetails"] is { } thrown
            ? throw new InvalidOperationException(thrown.ToJsonString())
            : answer["result"]!["value"]!;
    }

    /// <summary>What the page asked for since it was opened, itself and what it holds left out.</summary>
    public IEnumerable<string> Requests() => Happened("Network.requestWillBeSent")
        .Select(request => (string)request["request"]!["url"]!)
        .Where(address => !address.StartsWith("data:", StringComparison.Ordinal)).Skip(1);

    /// <summary>What the browser complained of since the page was opened: errors, and what its policy forbade.
    /// </summary>
    public IEnumerable<string> Complaints() =>
        Happened("Log.entryAdded").Concat(Happened("Runtime.exceptionThrown")).Select(entry => entry.ToJsonString());

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ConnectAsync()
    {
        var address = new Uri(await AnnouncedAsync());
        using var http = new HttpClient();
        var pages = await http.GetFromJsonAsync<JsonArray>($"http://{address.Authority}/json/list");
        var page = pages!.First(each => (string?)each!["type"] == "page")!;
        await _socket.ConnectAsync(new Uri((string)page["webSocketDebuggerUrl"]!), default);
        foreach (var domain in (string[])["Page", "Runtime", "Log", "Network"])
            await SendAsync($"{domain}.enable");
    }

    // What it says later is read, too, so that it never waits for a reader.
    private async Task<string> AnnouncedAsync()
    {
        var announced = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
                announced.TrySetException(new InvalidOperationException("the browser ended before it listened"));
            else if (line.Data.StartsWith(Announcement, StringComparison.Ordinal))
                announced.TrySetResult(line.Data[Announcement.Length..]);
        };
        _process.BeginErrorReadLine();
        return await announced.Task;
    }

    private IEnumerable<JsonNode> Happened(string name) =>
        _events.Where(each => (string?)each["method"] == name).Select(each => each["params"]!);

    private async Task<JsonNode> SendAsync(string method, JsonObject? parameters = null)
    {
        var id = ++_sent;
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        await _socket.SendAsync(
            JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, endOfMessage: true, default);
        while (true)
        {
            var received = await ReceiveAsync();
            if ((int?)received["id"] == id)
                return received["result"] ?? throw new InvalidOperationException(received.ToJsonString());
            _events.Add(received);
        }
    }

    private async Task<JsonNode> ReceiveAsync()
    {
        using var text = new MemoryStream();
        var part = new byte[1 << 16];
        WebSocketReceiveResult received;
        do
        {
            received = await _socket.ReceiveAsync(part, default);
            text.Write(part, 0, received.Count);
        }
        while (!received.EndOfMessage);
        return JsonNode.Parse(text.ToArray())!;
    }
}

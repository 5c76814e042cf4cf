using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlops.Platform.Bus;
using Mlops.Platform.Configuration;
using Mlops.Platform.Hosting;
using Mlops.Platform.Telemetry;
using Mlops.Tests.Support;

namespace Mlops.Tests.Platform.Telemetry;

/// <summary>What a Seq server that is unavailable costs: nothing is lost and nobody waits.</summary>
public sealed class SeqOutageTests : IDisposable
{
    private const int Many = 5000;

    // Far above what any machine needs, far below waiting for the server.
    private static readonly TimeSpan NotHeldUp = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(ReceiverMood.Fails)]
    [InlineData(ReceiverMood.Hangs)]
    public async Task Lines_of_an_outage_hold_up_nobody_and_arrive_once_it_is_over(ReceiverMood mood)
    {
        await using var receiver = await SeqReceiver.StartAsync();
        receiver.Mood = mood;
        await using var process = Process(receiver.Options());
        var writing = Stopwatch.StartNew();

        Write(process, Many);
        var written = writing.Elapsed;
        await Eventually.TrueAsync(() => Task.FromResult(receiver.RefusedLines > 0), "a post fails");
        Write(process, 1);
        receiver.Mood = ReceiverMood.Takes;

        await ArriveAsync(receiver, Many + 1);
        Assert.InRange(written, TimeSpan.Zero, NotHeldUp);
    }

    [Fact]
    public async Task Lines_written_while_nobody_listens_arrive_once_somebody_does()
    {
        var address = await UnusedAsync();
        await using var process = Process(new TelemetryOptions(address, null));
        Write(process, Many);

        await using var receiver = await SeqReceiver.StartAsync(address.ToString());

        await ArriveAsync(receiver, Many);
    }

    [Fact]
    public async Task What_a_process_could_not_send_is_sent_by_the_next_one()
    {
        var address = await UnusedAsync();
        await using (var unheard = Process(new TelemetryOptions(address, null)))
            Write(unheard, Many);

        await using var receiver = await SeqReceiver.StartAsync(address.ToString());
        await using var next = Process(receiver.Options());
        // Its first line opens the log, as that of every process that starts.
        Write(next, 1);

        await ArriveAsync(receiver, Many + 1);
    }

    [Fact]
    public async Task Two_processes_of_one_folder_send_each_line_once()
    {
        await using var receiver = await SeqReceiver.StartAsync();
        await using (var one = Process(receiver.Options()))
        await using (var other = Process(receiver.Options()))
        {
            Write(one, Many);
            Write(other, Many);
        }

        Assert.Equal(2 * Many, receiver.Lines.Count());
    }

    [Fact]
    public async Task A_server_that_hangs_holds_up_the_end_of_a_process_for_seconds_only()
    {
        await using var receiver = await SeqReceiver.StartAsync();
        receiver.Mood = ReceiverMood.Hangs;
        var process = Process(receiver.Options());
        Write(process, Many);
        var ending = Stopwatch.StartNew();

        await process.DisposeAsync();

        Assert.InRange(ending.Elapsed, TimeSpan.Zero, NotHeldUp);
    }

    public void Dispose() => _folder.Dispose();

    private ServiceProvider Process(TelemetryOptions seq)
    {
        var services = new ServiceCollection();
        services.AddMlops(
            new PlatformOptions
            {
                DataFolder = _folder.Path, LogToConsole = false, Connections = new Connections { Telemetry = seq },
            },
            new ServiceModule("talking", _ => { }, _ => { }));
        return services.BuildServiceProvider();
    }

    private static void Write(ServiceProvider process, int lines)
    {
        var log = process.GetRequiredService<ILogger<SeqOutageTests>>();
        for (var line = 0; line < lines; line++)
            log.LogInformation("Line {Number} {Id}", line, Guid.NewGuid());
    }

    private static async Task ArriveAsync(SeqReceiver receiver, int lines)
    {
        await Eventually.TrueAsync(() => Task.FromResult(Ids(receiver) >= lines), $"{lines} lines arrive");
        Assert.Equal(lines, Ids(receiver));
    }

    private static int Ids(SeqReceiver receiver) =>
        receiver.Lines.Select(line => line.Attributes["Id"]).Distinct().Count();

    private static async Task<Uri> UnusedAsync()
    {
        await using var receiver = await SeqReceiver.StartAsync();
        return receiver.Options().Endpoint;
    }
}

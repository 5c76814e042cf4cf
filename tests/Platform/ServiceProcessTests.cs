using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Mlops.Tests.Support;

namespace Mlops.Tests.Platform;

/// <summary>Clusters and init systems look at how a process ends: only 0 is a graceful shutdown.</summary>
public sealed class ServiceProcessTests
{
    [Fact]
    public async Task A_worker_without_work_ends_well()
    {
        using var home = new TemporaryFolder();
        using var worker = Start(home, ("MLOPS_EXIT_WHEN_IDLE", "1"));
        var errors = await worker.StandardError.ReadToEndAsync();
        await worker.WaitForExitAsync();

        Assert.Equal((0, ""), (worker.ExitCode, errors));
    }

    [Fact]
    public async Task Settings_that_cannot_be_read_end_it_with_one_sentence()
    {
        using var home = new TemporaryFolder();
        using var worker = Start(home, ("MLOPS_EXIT_WHEN_IDLE", "soon"));
        var errors = await worker.StandardError.ReadToEndAsync();
        await worker.WaitForExitAsync();

        Assert.Equal(
            (2, "mlops: MLOPS_EXIT_WHEN_IDLE is 'soon'; it must be a whole number of seconds"),
            (worker.ExitCode, errors.Trim()));
    }

    [Fact]
    public async Task A_port_that_is_taken_ends_it_with_one_sentence()
    {
        using var home = new TemporaryFolder();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var worker = Start(home, ("MLOPS_HTTP", $"http://{listener.LocalEndpoint}"));
        var errors = await worker.StandardError.ReadToEndAsync();
        await worker.WaitForExitAsync();

        Assert.Equal(2, worker.ExitCode);
        Assert.Contains(
            $"http://{listener.LocalEndpoint} is in use by another program", Assert.Single(errors.Trim().Split('\n')));
    }

    private static Process Start(TemporaryFolder home, (string Name, string Value) setting)
    {
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "Mlops.SparseExport.dll")])
        {
            RedirectStandardError = true,
        };
        foreach (var inherited in start.Environment.Keys.Where(name => name.StartsWith("MLOPS_")).ToList())
            start.Environment.Remove(inherited);
        start.Environment["MLOPS_HOME"] = home.Path;
        start.Environment[setting.Name] = setting.Value;
        return Process.Start(start)!;
    }
}

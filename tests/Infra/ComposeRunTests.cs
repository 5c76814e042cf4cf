using System.Diagnostics;
using Mlops.Tests.Support;

namespace Mlops.Tests.Infra;

/// <summary>The deployment on one host, built and run on a container engine that needs no registry.</summary>
[Trait("Category", "Drill")]
[Trait("Engine", "Docker")]
public sealed class ComposeRunTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(45);

    [EngineFact]
    public async Task A_run_through_the_composed_services_survives_a_killed_worker_and_nothing_is_left()
    {
        using var limit = new CancellationTokenSource(Timeout);
        using var drill = Process.Start(new ProcessStartInfo(Repository.Path("infra", "docker", "drill.sh"))
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var errors = drill.StandardError.ReadToEndAsync(limit.Token);

        var output = await drill.StandardOutput.ReadToEndAsync(limit.Token);
        await drill.WaitForExitAsync(limit.Token);

        Assert.True(drill.ExitCode == 0, $"{output}{await errors}");
    }
}

/// <summary>A test on the engine of <c>infra/docker/offline.sh</c>, counted as skipped where none can be had.</summary>
public sealed class EngineFactAttribute : FactAttribute
{
    public EngineFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("MLOPS_ENGINE") is null)
            Skip = Environment.GetEnvironmentVariable("MLOPS_NO_ENGINE")
                ?? "no container engine is here; `make drills` starts one where it can";
    }
}

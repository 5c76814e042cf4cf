using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts;
using Mlops.Diffusion.Devices;
using Mlops.Platform.Bus;
using Mlops.Platform.Jobs;

namespace Mlops.ImportanceScoring;

/// <summary>What a host composes.</summary>
public static class ImportanceScoringService
{
    /// <summary>The service for any host.</summary>
    public static ServiceModule Module { get; } = new(
        "importance-scoring",
        services => services.AddImportanceScoring(),
        bus => bus.AddJobConsumer<ImportanceScorer>(JobKind.ScoreImportance))
    {
        ResolveDevice = ComputeDevice.Resolve,
    };

    /// <summary>Registers the worker class.</summary>
    public static IServiceCollection AddImportanceScoring(this IServiceCollection services) =>
        services.AddSingleton<ImportanceScorer>()
            .AddJobOptions<ImportanceScoringOptions>(JobKind.ScoreImportance);
}

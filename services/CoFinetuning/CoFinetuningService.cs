using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts;
using Mlops.Diffusion.Devices;
using Mlops.Platform.Bus;
using Mlops.Platform.Jobs;

namespace Mlops.CoFinetuning;

/// <summary>What a host composes.</summary>
public static class CoFinetuningService
{
    /// <summary>The service for any host.</summary>
    public static ServiceModule Module { get; } = new(
        "co-finetuning",
        services => services.AddCoFinetuning(),
        bus => bus.AddJobConsumer<CoFinetuner>(JobKind.CoFinetune))
    {
        ResolveDevice = ComputeDevice.Resolve,
    };

    /// <summary>Registers the worker class.</summary>
    public static IServiceCollection AddCoFinetuning(this IServiceCollection services) =>
        services.AddSingleton<CoFinetuner>().AddJobOptions<CoFinetuneOptions>(JobKind.CoFinetune);
}

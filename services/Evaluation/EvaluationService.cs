using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts;
using Mlops.Diffusion.Devices;
using Mlops.Evaluation.Generating;
using Mlops.Platform.Bus;
using Mlops.Platform.Jobs;

namespace Mlops.Evaluation;

/// <summary>What a host composes.</summary>
public static class EvaluationService
{
    /// <summary>The evaluation of pruned models, and the sampling of images for runs that have none.</summary>
    public static ServiceModule Module { get; } = new(
        "evaluation",
        services => services.AddEvaluation(),
        bus =>
        {
            bus.AddJobConsumer<Evaluator>(JobKind.Evaluate);
            bus.AddJobConsumer<ImageGenerator>(JobKind.GenerateImages);
        })
    {
        ResolveDevice = ComputeDevice.Resolve,
    };

    /// <summary>Registers the workers.</summary>
    public static IServiceCollection AddEvaluation(this IServiceCollection services) =>
        services
            .AddSingleton<Evaluator>().AddJobOptions<EvaluationOptions>(JobKind.Evaluate)
            .AddSingleton<ImageGenerator>().AddJobOptions<ImageGeneratorOptions>(JobKind.GenerateImages);
}

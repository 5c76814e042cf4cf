using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Diffusion.Devices;
using Mlops.Platform.Bus;
using Mlops.Platform.Jobs;

namespace Mlops.Evaluation;

/// <summary>What a host composes.</summary>
public static class EvaluationService
{
    /// <summary>The evaluation of pruned models.</summary>
    public static ServiceModule Module { get; } = new(
        "evaluation",
        services => services.AddEvaluation(),
        bus => bus.AddJobConsumer<EvaluateConsumer, Evaluate>())
    {
        ResolveDevice = ComputeDevice.Resolve,
    };

    /// <summary>Registers the worker.</summary>
    public static IServiceCollection AddEvaluation(this IServiceCollection services) =>
        services.AddSingleton<Evaluator>().AddJobOptions<EvaluationOptions>(JobKind.Evaluate);
}

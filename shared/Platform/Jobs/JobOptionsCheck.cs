using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts;

namespace Mlops.Platform.Jobs;

/// <summary>Lets the orchestrator refuse a run with bad options at its start instead of hours later.</summary>
/// <param name="Kind">The job that has these options.</param>
/// <param name="Read">Reads settings and throws <see cref="ArgumentException"/> like the service would.</param>
public sealed record JobOptionsCheck(JobKind Kind, Action<string> Read)
{
    /// <summary>The record that declares the options.</summary>
    public Type? Options { get; init; }
}

/// <summary>Registers the options of services.</summary>
public static class JobOptionsRegistration
{
    /// <summary>Says which options a kind of job has.</summary>
    public static IServiceCollection AddJobOptions<TOptions>(this IServiceCollection services, JobKind kind)
        where TOptions : class, new() =>
        services.AddSingleton(new JobOptionsCheck(kind, settings => JobOptions.Read<TOptions>(settings))
        {
            Options = typeof(TOptions),
        });
}

using Microsoft.Extensions.DependencyInjection;
using Mlops.Orchestrator.Champions;

namespace Mlops.Orchestrator.Schedules;

/// <summary>Registers schedules and champions.</summary>
internal static class ScheduleRegistration
{
    public static IServiceCollection AddSchedules(this IServiceCollection services, OrchestratorOptions options)
    {
        services.AddSingleton<ScheduleTimer>().AddSingleton<ScheduleService>().AddSingleton<ChampionStore>();
        if (options.RunsSchedules)
            services.AddSingleton<ScheduleRunner>().AddHostedService(each => each.GetRequiredService<ScheduleRunner>())
                .AddSingleton<ChampionJudge>().AddHostedService<ChampionService>();
        return services;
    }
}

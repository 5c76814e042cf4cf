using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Orchestrator.Champions;
using Mlops.Orchestrator.Messages;
using Mlops.Platform.Bus;

namespace Mlops.Orchestrator.Schedules;

/// <summary>Registers schedules and champions.</summary>
internal static class ScheduleRegistration
{
    public static IServiceCollection AddSchedules(this IServiceCollection services, OrchestratorOptions options)
    {
        services.AddSingleton<AlarmClock>().AddSingleton<ScheduleBook>().AddSingleton<ChampionStore>();
        if (options.KeepsSchedules)
            services.AddSingleton<ChampionJudge>().AddSingleton<NightKeeper>()
                .AddHostedService(provider => provider.GetRequiredService<NightKeeper>())
                .AddHostedService<NightRounds>();
        return services;
    }

    public static void AddSchedules(this IBusRegistrationConfigurator bus, OrchestratorOptions options)
    {
        if (!options.KeepsSchedules)
            return;
        bus.AddQueue<NightConsumer, PatientQueue<NightConsumer>>("orchestrator-nights", prefetch: 4, concurrency: 1);
        // One at a time: each verdict is about the champion that the one before it left.
        bus.AddQueue<JudgeChampionConsumer>("judge-champion", prefetch: 1, concurrency: 1);
    }
}

using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Diffusion.Devices;
using Mlops.Platform.Bus;
using Mlops.Platform.Jobs;
using Mlops.ScheduleSearch.Probing;

namespace Mlops.ScheduleSearch;

/// <summary>What a host composes: the search, and the workers that score its candidates.</summary>
public static class ScheduleSearchService
{
    // The cores do one candidate at a time; the second message fetches its artifacts meanwhile.
    private const int CandidatesAtOnce = 2;

    /// <summary>Search and candidate worker in one process.</summary>
    public static ServiceModule Module { get; } = ModuleFor(CandidatesAtOnce);

    /// <summary>A process that only scores candidates of searches that
    /// run elsewhere; start as many as there are devices.</summary>
    public static ServiceModule CandidateWorker { get; } = new(
        "candidate-worker",
        services => services.AddCandidateScoring(),
        bus => bus.AddWorkConsumer<EvaluateCandidateConsumer, EvaluateCandidate>(CandidatesAtOnce))
    {
        ResolveDevice = ComputeDevice.Resolve,
    };

    /// <summary>Search and candidate worker that takes so many candidate messages at once.</summary>
    public static ServiceModule ModuleFor(int candidatesAtOnce) => new(
        "schedule-search",
        services => services.AddScheduleSearch(),
        bus =>
        {
            bus.AddJobConsumer<ScheduleSearcher>(JobKind.SearchSchedule);
            bus.AddWorkConsumer<EvaluateCandidateConsumer, EvaluateCandidate>(candidatesAtOnce);
        })
    {
        ResolveDevice = ComputeDevice.Resolve,
    };

    /// <summary>Registers the search and the scoring of candidates.</summary>
    public static IServiceCollection AddScheduleSearch(this IServiceCollection services) => services
        .AddCandidateScoring()
        .AddJobOptions<ScheduleSearchOptions>(JobKind.SearchSchedule)
        .AddSingleton<CandidateClient>()
        .AddSingleton(provider => new ScheduleSearcher(
            provider.GetRequiredService<CandidateClient>().ScoreAsync, provider.GetRequiredService<ComputeSlot>()));

    private static IServiceCollection AddCandidateScoring(this IServiceCollection services) =>
        services.AddSingleton<CandidateScoring>();
}

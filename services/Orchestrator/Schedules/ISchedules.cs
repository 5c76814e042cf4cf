namespace Mlops.Orchestrator.Schedules;

/// <summary>What a person does with schedules: in the process that drives the runs, or from another by HTTP.</summary>
public interface ISchedules
{
    /// <summary>Adds a schedule; its first occurrence is the next planned time.</summary>
    /// <exception cref="ArgumentException">Something in it is wrong, or the name is taken.</exception>
    /// <exception cref="InvalidDataException">The recipe cannot be read, or an input is missing.</exception>
    Task AddAsync(ScheduleDefinition definition, CancellationToken cancellationToken);

    /// <summary>All schedules with what became of their latest occurrence.</summary>
    Task<IReadOnlyList<ScheduleView>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Lets its planned times pass without a run; a run under way goes on.</summary>
    Task PauseAsync(string name, CancellationToken cancellationToken);

    /// <summary>Lets its planned times count again, from the next one on.</summary>
    Task ResumeAsync(string name, CancellationToken cancellationToken);

    /// <summary>Forgets a schedule; its runs, its results and its champion stay.</summary>
    Task RemoveAsync(string name, CancellationToken cancellationToken);

    /// <summary>Starts a run of a schedule now, as its overlap policy allows.</summary>
    Task<OccurrenceView> RunNowAsync(string name, CancellationToken cancellationToken);

    /// <summary>The next planned times, in the zone of the schedule.</summary>
    Task<IReadOnlyList<DateTimeOffset>> NextAsync(string name, int count, CancellationToken cancellationToken);
}

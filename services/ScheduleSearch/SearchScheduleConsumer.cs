using MassTransit;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Platform.Jobs;

namespace Mlops.ScheduleSearch;

/// <summary>Owner of the command <see cref="SearchSchedule"/>.</summary>
public sealed class SearchScheduleConsumer(JobRunner jobs, ScheduleSearcher searcher) : IConsumer<SearchSchedule>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<SearchSchedule> context) => jobs.RunAsync(
        context.Message.RunId, context.Message.Job, searcher,
        result => new ScheduleSearched(context.Message.RunId, result), context.CancellationToken);
}

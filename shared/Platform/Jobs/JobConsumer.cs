using MassTransit;
using Mlops.Contracts;

namespace Mlops.Platform.Jobs;

/// <summary>Owner of a command that orders a job.</summary>
/// <typeparam name="TCommand">The command; its row in <see cref="JobKinds"/> says how the end is announced.</typeparam>
/// <typeparam name="TWorker">Does the work.</typeparam>
public sealed class JobConsumer<TCommand, TWorker>(JobRunner jobs, TWorker worker) : IConsumer<TCommand>
    where TCommand : class, IJobCommand
    where TWorker : class, IJobWorker
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<TCommand> context) => jobs.RunAsync(
        context.Message.RunId, context.Message.Job, worker,
        result => JobKinds.Of(typeof(TCommand)).Announce(context.Message.RunId, result), context.CancellationToken);
}

using Mlops.Contracts.Commands;
using Mlops.Orchestrator.Api;
using Mlops.Platform.Objects;

namespace Mlops.Cli.Hosting;

/// <summary>Where runs are driven: in this process, or by an orchestrator that is reached over HTTP.</summary>
public interface IRunHost : IAsyncDisposable
{
    /// <summary>User inputs and results.</summary>
    ArtifactStore Artifacts { get; }

    /// <summary>Starts a run; it is on the disk when the call returns.</summary>
    /// <exception cref="ArgumentException">It is refused, with the reason.</exception>
    Task StartAsync(StartRun command, CancellationToken cancellationToken);

    /// <summary>The run whose id begins like this.</summary>
    /// <exception cref="ArgumentException">There is none, or there are several.</exception>
    Task<RunResponse> FindAsync(string idOrPrefix, CancellationToken cancellationToken);

    /// <summary>Takes up a run that was cancelled or has failed.</summary>
    Task ResumeAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>Ends a run; its worker saves a checkpoint first. One that has ended stays as it is.</summary>
    Task CancelAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>What has happened to a run and what happens, up to its end.</summary>
    IAsyncEnumerable<object> WatchAsync(Guid runId, CancellationToken cancellationToken);
}

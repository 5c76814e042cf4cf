using System.Reflection;
using System.Text.Json.Nodes;
using Mlops.Contracts;
using Mlops.Platform.Objects;
using Mlops.Platform.Telemetry;

namespace Mlops.Platform.Jobs;

/// <summary>
/// What the worker class of a service is given: the order, its inputs as folders, and a place for progress.
/// </summary>
/// <param name="Checkpoints">Where unfinished work is kept between executions of the same job.</param>
public sealed record JobContext(
    Guid RunId, JobOrder Order, ArtifactStore Artifacts, CheckpointStore Checkpoints, IProgress<JobProgress> Progress)
{
    /// <summary>What to compute on: <c>cpu</c> or <c>cuda:N</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Logs what the user should know although the job goes on.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    /// <summary>Reads the settings strictly: an unknown option or a value out of range names itself.</summary>
    public TOptions Options<TOptions>() where TOptions : class, new() => JobOptions.Read<TOptions>(Order.Settings);

    /// <summary>The input that fills a role, as a folder of verified files.</summary>
    /// <exception cref="InvalidDataException">The order has no such input.</exception>
    public async Task<string> FolderAsync(string role, CancellationToken cancellationToken)
    {
        using var span = JobTelemetry.StartBelow(TelemetryNames.Fetch);
        return Order.Inputs.TryGetValue(role, out var reference)
            ? await Artifacts.FetchAsync(reference, cancellationToken)
            : throw new InvalidDataException($"job '{Order.JobId}' needs the input '{role}'; add it under 'uses'");
    }

    /// <summary>Where a part of the work is kept that jobs of other settings have in common: one with the same seed,
    /// the same inputs in the named roles and the same settings of the part finds what another has made.</summary>
    /// <param name="protocol">Name and version of the part, see <see cref="IJobWorker.Protocol"/>.</param>
    /// <param name="code">What does it.</param>
    /// <param name="roles">Inputs that it depends on, where the job has them.</param>
    /// <param name="settings">All else that it depends on but the kind of device.</param>
    public CheckpointStore CommonPart(
        string protocol, Assembly code, IReadOnlyCollection<string> roles, JsonObject settings)
    {
        settings["device"] = Device.Split(':')[0];
        return Checkpoints.Of(JobKey.Of(protocol, CodeVersion.Of(code), Order with
        {
            Inputs = Order.Inputs.Where(input => roles.Contains(input.Key)).ToDictionary(),
            Settings = settings.ToJsonString(),
        }));
    }
}

/// <summary>How far a job is.</summary>
/// <param name="Fraction">Work done, in [0, 1].</param>
/// <param name="Activity">What is being done, in words.</param>
public readonly record struct JobProgress(double Fraction, string Activity);

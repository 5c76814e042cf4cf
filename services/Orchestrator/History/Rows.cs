using Mlops.Contracts;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.History;

/// <summary>A run as it is stored. Times are Unix milliseconds: the database cannot order by anything richer.</summary>
internal sealed class RunRow
{
    public Guid RunId { get; init; }
    public required string Recipe { get; init; }
    public long Seed { get; init; }
    public double Macs { get; init; }

    /// <summary>Name to manifest, as JSON.</summary>
    public required string Inputs { get; init; }

    public long StartedMs { get; init; }
    public RunStatus Status { get; set; }
    public string? Reason { get; set; }
    public FailureKind? Failure { get; set; }
    public long? FinishedMs { get; set; }
    public int AttemptsMade { get; set; }
    public List<JobRow> Jobs { get; init; } = [];

    /// <summary>All of them for reading, the open one for writing.</summary>
    public List<AttemptRow> Attempts { get; init; } = [];
}

/// <summary>A job of a run as it is stored.</summary>
internal sealed class JobRow
{
    public Guid RunId { get; init; }
    public required string JobId { get; init; }

    /// <summary>Place in the run, from 0.</summary>
    public int Position { get; init; }

    public JobKind Kind { get; init; }

    /// <summary>Role to source, as JSON.</summary>
    public required string Uses { get; init; }

    public required string Settings { get; init; }
    public JobStatus Status { get; set; }
    public int Attempt { get; set; }
    public int Failures { get; set; }
    public int Losses { get; set; }
    public Guid? ExecutionId { get; set; }
    public string? WorkerId { get; set; }
    public string? Key { get; set; }
    public long? LeaseUntilMs { get; set; }
    public string? OutputSha256 { get; set; }
    public long OutputLength { get; set; }
    public double Seconds { get; set; }
    public bool Cached { get; set; }
    public double Fraction { get; set; }
    public string? Activity { get; set; }
    public string? Reason { get; set; }
    public long? StartedMs { get; set; }
    public long? FinishedMs { get; set; }
}

/// <summary>A request that a run was made of.</summary>
internal sealed class RequestRow
{
    public Guid RunId { get; init; }

    /// <summary>Of everything that was asked for, so that a repeat is told from something else.</summary>
    public required string Digest { get; init; }
}

/// <summary>A message that was already acted on.</summary>
internal sealed class InboxRow
{
    public Guid MessageId { get; init; }
    public long ReceivedMs { get; init; }
}

/// <summary>A message that was decided in the same transaction and is still to be sent.</summary>
internal sealed class OutboxRow
{
    public long Id { get; init; }
    public Guid MessageId { get; init; }
    public Guid RunId { get; init; }

    /// <summary>Full name of the message's type.</summary>
    public required string Type { get; init; }

    public required string Body { get; init; }

    /// <summary>Names the attempt whose command this is; null for everything that is published.</summary>
    public string? Key { get; init; }

    public long DueMs { get; set; }

    /// <summary>How often sending it failed.</summary>
    public int Failures { get; set; }
}

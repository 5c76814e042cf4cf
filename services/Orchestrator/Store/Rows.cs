using System.Text.Json;
using Mlops.Contracts;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.Store;

/// <summary>A job of a run; its state is a complex type, so a field of it is written once.</summary>
internal sealed class JobRow
{
    public Guid RunId { get; init; }

    /// <summary>Place in the run, from 0.</summary>
    public int Position { get; init; }

    public required JobState State { get; set; }
}

/// <summary>An attempt at a job.</summary>
internal sealed class AttemptRow
{
    public Guid RunId { get; init; }

    /// <summary>1 for the first of the run.</summary>
    public int Number { get; init; }

    public required AttemptState State { get; set; }
}

internal static class RunRows
{
    /// <summary>A run as its rows have it.</summary>
    public static RunState With(this RunState run, IEnumerable<JobRow> jobs, IEnumerable<AttemptRow> attempts) =>
        run with
        {
            Jobs = [.. jobs.OrderBy(row => row.Position).Select(row => row.State)],
            Attempts = [.. attempts.OrderBy(row => row.Number).Select(row => row.State)],
        };
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

    public static OutboxRow From(Guid runId, OutboxMessage message) => new()
    {
        MessageId = Guid.NewGuid(), RunId = runId, Type = message.Message.GetType().FullName!,
        Body = JsonSerializer.Serialize(message.Message, message.Message.GetType(), StoreJson.Options),
        Key = message.Key, DueMs = message.DueMs,
    };

    /// <summary>The message as it was decided.</summary>
    public object ToMessage()
    {
        var type = typeof(ObjectRef).Assembly.GetType(Type)
            ?? throw new InvalidDataException($"the outbox holds a message of the unknown type '{Type}'");
        return JsonSerializer.Deserialize(Body, type, StoreJson.Options)!;
    }
}

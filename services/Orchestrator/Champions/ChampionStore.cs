using System.Text.Json;
using Mlops.Contracts;
using Mlops.Platform.Objects;

namespace Mlops.Orchestrator.Champions;

/// <summary>The best result of a schedule so far.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="Evaluation">The artifact with its measurements.</param>
/// <param name="Reason">What it was better at than the one before.</param>
public sealed record Champion(
    int Number, string Schedule, Guid RunId, ObjectRef Pruned, ObjectRef Evaluation, string Reason);

/// <summary>
/// Champions as artifacts: the name <c>champions/NAME</c> points at the present one, <c>champions/NAME.7</c> stays with
/// the seventh. Each has its model, its evaluation and the one before it as inputs, so its lineage is that of all.
/// </summary>
public sealed class ChampionStore(ArtifactStore artifacts, IObjectStore names)
{
    private const string FileName = "champion.json", Kind = "champion";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The present champion; null before the first.</summary>
    public async Task<Champion?> FindAsync(string schedule, CancellationToken cancellationToken) =>
        await names.ResolveAsync(Present(schedule), cancellationToken) is { } reference
            ? await ReadAsync(reference, cancellationToken)
            : null;

    /// <summary>The present champion with its reference, after ending a promotion that a kill interrupted.</summary>
    internal async Task<(Champion Champion, ObjectRef Reference)?> SettledAsync(
        string schedule, CancellationToken cancellationToken)
    {
        var present = await names.ResolveAsync(Present(schedule), cancellationToken);
        var champion = present is null ? null : await ReadAsync(present, cancellationToken);
        while (await names.ResolveAsync(Numbered(schedule, (champion?.Number ?? 0) + 1), cancellationToken)
            is { } successor)
        {
            await names.SetNameAsync(Present(schedule), successor, cancellationToken);
            (present, champion) = (successor, await ReadAsync(successor, cancellationToken));
        }
        return champion is null ? null : (champion, present!);
    }

    /// <summary>Makes this the present champion; a second time changes nothing.</summary>
    /// <exception cref="InvalidOperationException">There is another of this number.</exception>
    internal async Task<ObjectRef> PromoteAsync(
        Champion champion, ObjectRef? before, CancellationToken cancellationToken)
    {
        var inputs = new Dictionary<string, ObjectRef>
        {
            ["pruned"] = champion.Pruned, ["evaluation"] = champion.Evaluation,
        };
        if (before is not null)
            inputs["before"] = before;
        var reference = await SaveAsync(champion, inputs, cancellationToken);
        var name = Numbered(champion.Schedule, champion.Number);
        if (!await names.TryCreateNameAsync(name, reference, cancellationToken)
            && await names.ResolveAsync(name, cancellationToken) != reference)
            throw new InvalidOperationException($"the name '{name}' was given to another result in the meantime");
        await names.SetNameAsync(Present(champion.Schedule), reference, cancellationToken);
        return reference;
    }

    private static string Present(string schedule) => $"champions/{schedule}";

    private static string Numbered(string schedule, int number) =>
        FormattableString.Invariant($"champions/{schedule}.{number}");

    private async Task<ObjectRef> SaveAsync(
        Champion champion, Dictionary<string, ObjectRef> inputs, CancellationToken cancellationToken)
    {
        using var folder = new ScratchFolder();
        await File.WriteAllTextAsync(
            folder.File(FileName), JsonSerializer.Serialize(champion, Json), cancellationToken);
        return await artifacts.SaveAsync(folder.Path, Kind, $"run {champion.RunId:N}", inputs, cancellationToken);
    }

    private async Task<Champion> ReadAsync(ObjectRef reference, CancellationToken cancellationToken)
    {
        var folder = await artifacts.FetchAsync(reference, cancellationToken);
        await using var file = File.OpenRead(Path.Combine(folder, FileName));
        return await JsonSerializer.DeserializeAsync<Champion>(file, Json, cancellationToken)
            ?? throw new InvalidDataException($"object {reference.Sha256} is no champion");
    }
}

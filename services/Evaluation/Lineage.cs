using System.Text.Json;
using Mlops.Contracts;
using Mlops.Contracts.Evaluations;
using Mlops.Platform.Objects;
using Mlops.Pruning.Search;
using Mlops.Pruning.Steps;

namespace Mlops.Evaluation;

/// <summary>Where the measured models come from, read from the
/// manifests: digests, and the curves of those jobs.</summary>
public static class Lineage
{
    private const string TrainingHistory = "history.json";
    private const int Depth = 6;

    /// <summary>Path of roles (<c>pruned/tuned/model</c>) to digest, a chart for every history on the way, and what a
    /// reader should know of them.</summary>
    /// <param name="roots">Role to the artifact where it begins.</param>
    public static async Task<(IReadOnlyDictionary<string, string> Digests, IReadOnlyList<Chart> Charts,
        IReadOnlyList<string> Notes)> ReadAsync(
        IReadOnlyDictionary<string, ObjectRef> roots, ArtifactStore artifacts, CancellationToken cancellationToken)
    {
        var notes = new List<string>();
        var digests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var charts = new List<Chart>();
        var seen = new HashSet<ObjectRef>();
        var open = new Queue<(string Path, ObjectRef Reference, int Depth)>(
            roots.OrderBy(i => i.Key, StringComparer.Ordinal).Select(i => (i.Key, i.Value, 0)));
        while (open.TryDequeue(out var next))
        {
            digests[next.Path] = next.Reference.Sha256;
            if (!seen.Add(next.Reference) || next.Depth >= Depth)
                continue;
            var manifest = await artifacts.ReadManifestAsync(next.Reference, cancellationToken);
            foreach (var (role, reference) in manifest.Inputs.OrderBy(i => i.Key, StringComparer.Ordinal))
                open.Enqueue(($"{next.Path}/{role}", reference, next.Depth + 1));
            if (manifest.Files.ContainsKey(SearchedSchedule.FileName))
                charts.Add(Fitness(SearchedSchedule.Load(await FetchAsync(next.Reference))));
            if (manifest.Files.ContainsKey(StepSearchFile.FileName))
            {
                var search = StepSearchFile.Load(await FetchAsync(next.Reference));
                charts.Add(Front(search));
                if (search.Choice is { } choice)
                    notes.Add(choice);
            }

            if (manifest.Files.ContainsKey(TrainingHistory))
            {
                using var history = JsonDocument.Parse(await File.ReadAllTextAsync(
                    Path.Combine(await FetchAsync(next.Reference), TrainingHistory), cancellationToken));
                charts.AddRange(Training(next.Path, history.RootElement));
                notes.AddRange(Notes(history.RootElement));
            }
        }

        return (digests, charts, notes);

        Task<string> FetchAsync(ObjectRef reference) => artifacts.FetchAsync(reference, cancellationToken);
    }

    /// <summary>One chart per group of curves in a training history: rows of <c>step</c> and further numbers.</summary>
    private static IEnumerable<Chart> Training(string path, JsonElement history)
    {
        (string Title, string[] Curves)[] groups =
        [
            ("Loss", ["loss", "performance"]),
            ("Kept ratio of MACs", ["kept", "soft"]),
            ("Regularizers", ["ratio", "balance"]),
        ];
        if (!history.TryGetProperty("rows", out var rows))
            yield break;
        foreach (var (title, curves) in groups)
        {
            var series = curves.Select(name => Curve(rows, name)).Where(s => s.X.Distinct().Count() > 1).ToArray();
            // A dense model always keeps everything; a flat line says nothing.
            if (series.Any(s => s.Y.Distinct().Count() > 1))
                yield return new($"{title}: {path}", "step", title.ToLowerInvariant(), series);
        }
    }

    /// <summary>Whether ALTER froze masks that were partly chance, and whether tuning them was worth it.</summary>
    private static IEnumerable<string> Notes(JsonElement history)
    {
        if (history.TryGetProperty("frozen", out var frozen) && frozen.ValueKind == JsonValueKind.Object
            && frozen.TryGetProperty("undecided", out var undecided) && undecided.GetBoolean())
            yield return "the masks were frozen undecided: two noisy draws differ in "
                + FormattableString.Invariant($"{frozen.GetProperty("flip_rate").GetDouble():0.##} of their entries; ")
                + "a longer window decides them (window-steps), or a schedule to start from";
        if (history.TryGetProperty("outcome", out var outcome) && outcome.ValueKind == JsonValueKind.Object)
            yield return FormattableString.Invariant(
                $"samples of the tuned network are {Number(outcome, "tuned"):g3} from the dense model's on noises of ")
                + FormattableString.Invariant($"their own, those of its untuned start {Number(outcome, "start"):g3}; ")
                + (outcome.GetProperty("takes_start").GetBoolean() ? "the start was kept" : "the tuned one was kept");
    }

    private static double Number(JsonElement row, string name) =>
        row.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : double.NaN;

    private static Series Curve(JsonElement rows, string name)
    {
        var points = rows.EnumerateArray()
            .Where(row => row.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number)
            .Select(row => (X: row.GetProperty("step").GetDouble(), Y: row.GetProperty(name).GetDouble())).ToArray();
        return new(name, [.. points.Select(point => point.X)], [.. points.Select(point => point.Y)]);
    }

    // Errors span orders of magnitude; without a prediction there is nothing to draw.
    private static Chart Front(StepSearchFile search) => new(
        $"Step table, {search.Protocol}: {search.Chosen}, measured {search.Measured:g3}",
        search.Front.All(point => point.TotalMacs is null) ? "runs of the network" : "total MACs left",
        "log10 of predicted relative error",
        search.Front.Count == 0
            ? []
            : [new("dynamic program", [.. search.Front.Select(point => point.TotalMacs ?? point.Runs)],
                [.. search.Front.Select(point => Math.Log10(Math.Max(point.Damage, 1e-12)))])]);

    private static Chart Fitness(SearchedSchedule schedule)
    {
        double[] generations = [.. schedule.History.Select(record => (double)record.Generation)];
        return new($"Search, {schedule.Protocol}", "generation", schedule.Metric,
        [
            new("best", generations, [.. schedule.History.Select(record => record.Best)]),
            new("mean of the generation", generations, [.. schedule.History.Select(record => record.Mean)]),
            .. schedule.Uniform is { } uniform
                ? (Series[])[new("uniform schedule", generations, [.. schedule.History.Select(_ => uniform.Fitness)])]
                : [],
        ]);
    }
}

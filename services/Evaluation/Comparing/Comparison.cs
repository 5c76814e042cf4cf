using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Diffusion.Metrics;

namespace Mlops.Evaluation.Comparing;

/// <summary>Which way a paired comparison went, by the rule that was fixed beforehand.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Outcome>))]
public enum Outcome
{
    /// <summary>Neither side meets the rule.</summary>
    Undecided,

    /// <summary>The first row's method is better.</summary>
    Better,

    /// <summary>It is worse.</summary>
    Worse,
}

/// <summary>The first row's method against another, on equal noises.</summary>
/// <param name="Difference">The other's distance minus the first's: mean and 95 % bootstrap interval.</param>
/// <param name="Ratio">The other's mean distance by the first's.</param>
/// <param name="SeedsBetter">Seeds in which the first has the lower mean.</param>
public sealed record PairedOutcome(Interval Difference, double Ratio, int SeedsBetter, int Seeds, Outcome Outcome);

/// <summary>One method under one budget, all seeds together.</summary>
/// <param name="TotalMacs">Kept ratio of the MACs of whole images, as counted on what is called.</param>
/// <param name="Calls">Calls of the network for one image.</param>
/// <param name="ToDense">Squared distance to the dense sample, relative to the variance of these.</param>
/// <param name="ToTruth">The same to the true trajectory's; null if it was not drawn.</param>
/// <param name="SpeedUp">Measured, median; null if it was not timed.</param>
/// <param name="AgainstDense">The first row's method against this one by <paramref name="ToDense"/>.</param>
/// <param name="AgainstTruth">The same by <paramref name="ToTruth"/>.</param>
public sealed record ComparisonRow(
    string Name, double? Budget, double TotalMacs, double Calls, Interval ToDense, Interval? ToTruth, double? Ssim,
    double? SpeedUp, PairedOutcome? AgainstDense, PairedOutcome? AgainstTruth, IReadOnlyList<Guid> Runs);

/// <summary>Runs of one model side by side, on equal noises that none of them used to choose anything. The rule for
/// "better" is fixed: a mean distance lower by at least a tenth, a 95 % interval of the paired difference without zero,
/// and lower in at least four of five seeds.</summary>
/// <param name="Protocol">Shared by all runs; each seed has noises of its own.</param>
/// <param name="DenseToTruth">How far the dense model itself is from the true trajectory.</param>
/// <param name="Rows">By budget; the method that the others are held against first.</param>
/// <param name="Remarks">What the reports of some runs say and not of all.</param>
public sealed record Comparison(
    string Protocol, Interval? DenseToTruth, IReadOnlyList<ComparisonRow> Rows, IReadOnlyList<string> Remarks)
{
    private const double WantedRatio = 1 / 0.9, WantedSeeds = 0.8;

    // What another machine may round otherwise.
    private const double SameTruth = 1e-3;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Compares; in every budget the first method named is the one that the others are held against.</summary>
    /// <exception cref="InvalidDataException">Runs of unlike protocol, model or seeds.</exception>
    public static Comparison Of(IReadOnlyList<ComparedRun> runs)
    {
        if (runs.Count < 2)
            throw new InvalidDataException("a comparison needs at least two runs");
        CheckAlike(runs);
        var dense = runs.DistinctBy(run => run.Report.Seed).ToList();
        var rows = new List<ComparisonRow>();
        foreach (var budget in runs.GroupBy(run => run.Budget))
        {
            var methods = budget.GroupBy(run => run.Name).Select(method => method.ToList()).ToList();
            rows.AddRange(methods.Select((method, index) => Row(method, index == 0 ? null : methods[0])));
        }

        return new(
            ProtocolOf(runs[0]), Mean(dense.ConvertAll(run => run.Distances.DenseToTruth)), rows,
            [.. RemarksOf(runs)]);
    }

    /// <summary>Indented JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    private static void CheckAlike(IReadOnlyList<ComparedRun> runs)
    {
        foreach (var run in runs)
        {
            Require(run.Distances.Model == runs[0].Distances.Model, "prunes another dense model");
            Require(ProtocolOf(run) == ProtocolOf(runs[0]),
                $"was evaluated by another protocol ({ProtocolOf(run)} instead of {ProtocolOf(runs[0])})");
            Require(run.Distances.Truth is null == runs[0].Distances.Truth is null,
                "lacks or has the distance to the true trajectory");
            var alike = runs.First(other => other.Report.Seed == run.Report.Seed).Distances.DenseToTruth?.Average();
            Require(
                run.Distances.DenseToTruth?.Average() is not { } own || Math.Abs(own - alike!.Value) <= SameTruth * own,
                "was held against another true trajectory (its number of steps or its sampler)");

            void Require(bool holds, string complaint)
            {
                if (!holds)
                    throw new InvalidDataException(
                        $"run {run.RunId:N} ({run.Name}) {complaint}, unlike run {runs[0].RunId:N} ({runs[0].Name})"
                        + "; compare runs of one model, evaluated in one way");
            }
        }

        foreach (var budget in runs.GroupBy(run => run.Budget))
        {
            var seeds = budget.GroupBy(run => run.Name).Select(method => Seeds(method)).Distinct().ToList();
            if (seeds.Count > 1)
                throw new InvalidDataException(
                    $"the runs have unlike seeds ({string.Join(" and ", seeds)}), so their noises are no pairs; run "
                    + "them with equal --seed");
        }

        static string Seeds(IEnumerable<ComparedRun> method) =>
            string.Join(", ", method.Select(run => run.Report.Seed).Order());
    }

    private static IEnumerable<string> RemarksOf(IReadOnlyList<ComparedRun> runs) =>
        from run in runs
        let budget = run.Budget is { } share ? FormattableString.Invariant($" at {share:0.###}") : ""
        from note in run.Report.Notes ?? []
        where !runs.All(other => other.Report.Notes?.Contains(note) is true)
        select $"{run.Name}{budget}, seed {run.Report.Seed}: {note}";

    // Without the seed, which differs from run to run of one method.
    private static string ProtocolOf(ComparedRun run) =>
        run.Distances.Protocol.Replace($" seed{run.Report.Seed}", "", StringComparison.Ordinal);

    private static ComparisonRow Row(List<ComparedRun> method, List<ComparedRun>? first) => new(
        method[0].Name, method[0].Budget,
        method.Average(run => run.Report["total_macs"].Ratio ?? double.NaN),
        method.Average(run => run.Report["calls"].Pruned),
        Mean(method.ConvertAll(run => (IReadOnlyList<double>?)run.Distances.ToDense))!,
        Mean(method.ConvertAll(run => run.Distances.ToTruth)),
        Average(method.Select(run => run.Distances.Ssim?.Average())),
        Average(method.Select(run => run.Report.Find("speedup")?.Pruned)),
        Against(method, first, run => run.Distances.ToDense), Against(method, first, run => run.Distances.ToTruth),
        method.ConvertAll(run => run.RunId));

    private static PairedOutcome? Against(
        List<ComparedRun> other, List<ComparedRun>? first, Func<ComparedRun, IReadOnlyList<double>?> distances)
    {
        if (first is null || first.Concat(other).Any(run => distances(run) is null))
            return null;
        var pairs = (
            from mine in first
            from theirs in other
            where mine.Report.Seed == theirs.Report.Seed
            select (Mine: distances(mine)!, Theirs: distances(theirs)!)).ToList();
        var difference = Bootstrap.Mean(
            [.. pairs.SelectMany(pair => pair.Theirs.Zip(pair.Mine, (theirs, mine) => theirs - mine))], 0);
        var ratio = pairs.Average(pair => pair.Theirs.Average()) / pairs.Average(pair => pair.Mine.Average());
        var better = pairs.Count(pair => pair.Mine.Average() < pair.Theirs.Average());
        var worse = pairs.Count(pair => pair.Mine.Average() > pair.Theirs.Average());
        var outcome = ratio >= WantedRatio && difference.Low > 0 && better >= WantedSeeds * pairs.Count
            ? Outcome.Better
            : 1 / ratio >= WantedRatio && difference.High < 0 && worse >= WantedSeeds * pairs.Count
                ? Outcome.Worse
                : Outcome.Undecided;
        return new(difference, ratio, better, pairs.Count, outcome);
    }

    private static Interval? Mean(List<IReadOnlyList<double>?> lists) =>
        lists.Exists(list => list is null) ? null : Bootstrap.Mean([.. lists.SelectMany(list => list!)], 0);

    private static double? Average(IEnumerable<double?> values) =>
        values.ToList() is var all && all.Exists(value => value is null) ? null : all.Average();
}

using Mlops.Cli.Display;
using Mlops.Cli.Hosting;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Evaluations;
using Mlops.Diffusion.Data;
using Mlops.Diffusion.Metrics;
using Mlops.Evaluation;
using Mlops.Evaluation.Measuring;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Spectre.Console;

namespace Mlops.Bench;

/// <summary>
/// How surely the gate finds a loss of quality: paired held-out losses of the model that comes along and of a pruned
/// version of it, scaled so that they are worse by a planted share, judged again and again on pairs drawn from them.
/// </summary>
/// <param name="home">Where the run that prunes leaves its results, for the next time.</param>
/// <param name="judged">Evaluations simulated per cell.</param>
public sealed class GateBenchmark(DirectoryInfo home, int judged, IAnsiConsole console)
{
    private const string Recipe = "laptop", Limit = "1.03";
    private const int ImagesPerBand = 2000;
    private const double WantedLoss = 0.03, WantedPower = 0.95, WantedAlarms = 0.01;
    private static readonly int[] Sizes = [128, 256, 500, 1000, 2000];
    private static readonly double[] Planted = [0, 0.01, 0.02, WantedLoss, 0.05];
    private static readonly EvaluationOptions Strict = new() { MaxLossRatio = 1 + WantedLoss };
    private static readonly EvaluationOptions Default = new();

    private static readonly (string Name, Func<Interval, bool> Fails)[] Rules =
    [
        ($"interval, at most {Limit}", found => Fails(found, Strict)),
        ($"mean, at most {Limit}", found => found.Mean > Strict.MaxLossRatio),
        ("interval, at most 1.2 (default)", found => Fails(found, Default)),
    ];

    /// <summary>Prunes, measures the pairs, simulates.</summary>
    public async Task<BenchmarkTable> RunAsync(CancellationToken cancellationToken) =>
        Simulate(await PairsAsync(cancellationToken), judged);

    /// <summary>Judges evaluations on pairs drawn from measured ones.</summary>
    /// <param name="bands">Losses of both models, pair by pair; as many in each band.</param>
    public static BenchmarkTable Simulate(
        IReadOnlyList<(List<double> Dense, List<double> Pruned)> bands, int judged)
    {
        var rows = new List<IReadOnlyList<string>>();
        var kept = false;
        foreach (var (name, fails) in Rules)
            foreach (var size in Sizes)
            {
                var failed = Array.ConvertAll(Planted, loss => Failed(bands, size, loss, fails, judged));
                rows.Add([name, BenchmarkTable.Number(size), .. failed.Select(Percent)]);
                if (name == Rules[0].Name && size == Sizes[^1])
                    kept = failed[0] <= WantedAlarms && failed[Array.IndexOf(Planted, WantedLoss)] >= WantedPower;
            }

        var (noise, measured) = (Deviation(bands), bands.Sum(band => band.Dense.Count));
        return new BenchmarkTable(
            "gate",
            $"Share of {judged} simulated evaluations that fail the gate, by planted loss. Pairs are drawn with "
            + $"replacement, as many from each of {bands.Count} bands, out of {measured} held-out "
            + $"pairs of the model that comes along and `{Recipe}` at its defaults, whose losses are scaled to the "
            + $"planted ratio. Standard deviation of a pair's difference: {BenchmarkTable.Number(noise, "G3")} of the "
            + "mean loss.",
            ["rule", "pairs", .. Planted.Select(loss => $"{BenchmarkTable.Number(loss * 100)} %")], rows,
            [
                $"Wanted: a loss of 3 % is found in {Percent(WantedPower)} at {Percent(WantedAlarms)} false alarms "
                + $"within {Sizes[^1]} pairs. {(kept ? "Kept" : "Not kept")} by the interval with that limit.",
            ])
        { Kept = kept };
    }

    private static bool Fails(Interval found, EvaluationOptions options) => !Gate.Judge(
        [new("loss", "loss_ratio", "", "", Better.Lower, null, found.Mean, found.Low, found.High)], options).Passed;

    private static double Failed(
        IReadOnlyList<(List<double> Dense, List<double> Pruned)> bands, int size, double loss,
        Func<Interval, bool> fails, int judged)
    {
        var scale = (1 + loss) * bands.Sum(band => band.Dense.Sum()) / bands.Sum(band => band.Pruned.Sum());
        var random = new SeededRandom((ulong)size);
        var (dense, pruned) = (new double[size], new double[size]);
        var failed = 0;
        for (var evaluation = 0; evaluation < judged; evaluation++)
        {
            for (var pair = 0; pair < size; pair++)
            {
                var band = bands[pair % bands.Count];
                var drawn = random.Below(band.Dense.Count);
                (dense[pair], pruned[pair]) = (band.Dense[drawn], band.Pruned[drawn] * scale);
            }

            failed += fails(PairedRatio.Of(dense, pruned)) ? 1 : 0;
        }

        return (double)failed / judged;
    }

    private static string Percent(double share) => $"{BenchmarkTable.Number(share * 100, "0.0")} %";

    private static double Deviation(IReadOnlyList<(List<double> Dense, List<double> Pruned)> bands)
    {
        var dense = bands.SelectMany(band => band.Dense).ToArray();
        var pruned = bands.SelectMany(band => band.Pruned).ToArray();
        var ratio = pruned.Average() / dense.Average();
        return Math.Sqrt(dense.Zip(pruned, (d, p) => Math.Pow((p / ratio) - d, 2)).Average()) / dense.Average();
    }

    private async Task<IReadOnlyList<(List<double> Dense, List<double> Pruned)>> PairsAsync(
        CancellationToken cancellationToken)
    {
        await using var host = await EmbeddedHost.StartAsync(home, cancellationToken);
        var request = new RunRequest(Recipe, Fashion.Model, Fashion.Data, new Dictionary<string, string>
        {
            ["evaluation.images"] = "2", ["evaluation.timing-rounds"] = "0", ["evaluation.loss-images"] = "1",
        });
        if (request.Data is null)
            throw new ArgumentException("this needs the images of Fashion-MNIST; install dataset-fashion-mnist");
        var inputs = await new RunInputs(host.Artifacts, console.WriteLine).ImportAsync(request, cancellationToken);
        var command = new StartRun(Guid.NewGuid(), request.Recipe, inputs, request.Settings);
        var outcome = await new RunSession(host, new Terminal(console, Console.Error))
            .ExecuteAsync(command, cancellationToken);
        if (outcome is not RunOutcome.Completed { Artifacts: var made })
            throw new InvalidOperationException($"the run that prunes ended as {outcome}");
        console.WriteLine($"losses of {ImagesPerBand} images per band");
        var order = new JobOrder(
            "gate", 1, "{}", new Dictionary<string, ObjectRef>(inputs) { ["pruned"] = made["pruned"] }, Seed: 0);
        var job = new JobContext(
            Guid.Empty, order, host.Artifacts, new CheckpointStore(host.Artifacts, host.Get<IObjectStore>(), "gate"),
            new Progress<JobProgress>());
        var options = new EvaluationOptions { LossImages = ImagesPerBand };
        using var models = await EvaluationInputs.LoadAsync(job, options, cancellationToken);
        return new LossMeasurements(models, options, seed: 0).Pairs(cancellationToken);
    }
}

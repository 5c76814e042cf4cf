using Mlops.Cli.Hosting;
using Mlops.Diffusion.Metrics;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Steps;
using Spectre.Console;
using static TorchSharp.torch;

namespace Mlops.Bench.StepTables;

/// <summary>
/// Whether a solved step table is nearer to the dense image than published caches at equal MACs per image: all of them
/// at the network's output, on the model that comes along, on noises that no search has seen.
/// </summary>
public sealed class StepTablesBenchmark(int heldOut, IAnsiConsole console) : IDisposable
{
    private const int Steps = 20;
    private const int SearchProbes = 4;
    private const int CheckProbes = 24;
    private const long Seed = 0;
    private static readonly double[] Budgets = [0.65, 0.5, 0.35, 0.25];

    private static readonly (string Name, StepMethod Method)[] Ways =
    [
        ("solver", StepMethod.Solver),
        ("even runs, reuse (FORA)", StepMethod.UniformReuse),
        ("even runs, forecast (TaylorSeer, order 1)", StepMethod.UniformForecast),
        ("threshold, reuse (TeaCache)", StepMethod.Threshold),
        ("fewer steps", StepMethod.FewerSteps),
    ];

    private readonly Denoiser _model = Frozen(ModelFolder.Load(Fashion.Model));

    /// <summary>Searches, samples, compares.</summary>
    public BenchmarkTable Run(CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var problem = new StepProblem(
            "ddim", () => SamplerNames.Load(Fashion.Model, "ddim"), Guidance.Plain(_model), 1, Steps,
            new StepOptions(UseClippedModelOutput: true), Seed);
        var set = Probes.Draw(_model, Seed, "step-tables-held-out", heldOut);
        console.WriteLine($"dense, {heldOut} pictures");
        var dense = problem.Sample(null, set, cancellationToken);
        var rows = new List<IReadOnlyList<string>>();
        var wins = new List<double>();
        using var solver = Search(problem, StepMethod.Solver, Steps);
        var gaps = solver.Measure(cancellationToken);
        var (front, took) = (solver.Solve(gaps), gaps.Evaluations);
        foreach (var budget in Budgets)
        {
            double[]? solved = null;
            foreach (var (name, method) in Ways)
            {
                console.WriteLine($"{name}, {budget}");
                using var inner = NewDisposeScope();
                using var search = Search(problem, method, StepBudget.Runs(budget, Steps));
                var (actions, predicted) = Made(search, method, front, ref took, cancellationToken);
                var samples = problem.Sample(actions, set, cancellationToken);
                var errors = RelativeError.PerSample(samples, dense);
                solved ??= errors;
                rows.Add(Row(budget, name, actions, predicted, errors, solved, samples, dense));
                if (method != StepMethod.Solver)
                    wins.Add(errors.Average() / solved.Average());
            }
        }

        return new BenchmarkTable(
            "steptables",
            $"Model that comes along, DDIM with {Steps} steps, clip consistent, {heldOut} held-out noises, classes "
            + "in turn. Squared distance to the dense image of equal noise, relative to the variance of dense images, "
            + "with its 95 % bootstrap interval; the last column is the paired difference to the solver's.",
            ["total MACs", "table", "calls", "relative MSE", "predicted", "SSIM", "MSE above the solver's"], rows,
            [
                $"The solver is nearer to the dense image in {wins.Count(win => win > 1)} of {wins.Count} comparisons; "
                + $"the nearest rival has {BenchmarkTable.Number(wins.Min(), "G3")} times its error, the median one "
                + $"{BenchmarkTable.Number(Statistics.Median(wins), "G3")} times. Its four searches took "
                + $"{took} evaluations of one sample, as many as sampling {took / Steps} pictures.",
            ]);
    }

    public void Dispose() => _model.Dispose();

    private StepSearch Search(StepProblem problem, StepMethod method, int runs) => new(
        problem, null, new(method, runs, StepAim.Sampler),
        purpose => Probes.Draw(
            _model, Seed, purpose, purpose == StepSearch.Check ? CheckProbes : SearchProbes));

    // One measurement of gaps serves all budgets; the rivals are not tuned, so nothing of theirs is measured twice.
    private static (IReadOnlyList<StepAction> Actions, double? Predicted) Made(
        StepSearch search, StepMethod method, IReadOnlyList<StepProgram.Solution> front, ref long took,
        CancellationToken cancellationToken)
    {
        if (method != StepMethod.Solver)
            return (search.Start(cancellationToken).First, null);
        var state = search.StartFrom(front, 0);
        while (state.Search is not { Finished: true })
            state = search.Next(state, cancellationToken);
        var report = search.Finish(state, cancellationToken);
        took += report.Evaluations;
        return (report.Best.Table.Actions, report.Predicted);
    }

    private static string[] Row(
        double budget, string name, IReadOnlyList<StepAction> actions, double? predicted, double[] errors,
        double[] solved, Tensor samples, Tensor dense)
    {
        var runs = actions.Count(action => action is StepAction.Run);
        var error = Bootstrap.Mean(errors, Seed);
        var above = Bootstrap.Mean([.. errors.Zip(solved, (theirs, ours) => theirs - ours)], Seed);
        var ssim = PairedMetrics.Ssim(samples.clamp(-1, 1), dense.clamp(-1, 1)).Average();
        return
        [
            BenchmarkTable.Number(budget), name, $"{runs} of {Steps}", Text(error),
            predicted is { } damage ? BenchmarkTable.Number(damage, "0.0e+0") : "",
            BenchmarkTable.Number(ssim, "0.0000"), errors == solved ? "" : Text(above),
        ];
    }

    private static string Text(Interval interval) =>
        $"{BenchmarkTable.Number(interval.Mean, "0.0e+0")} [{BenchmarkTable.Number(interval.Low, "0.0e+0")}, "
        + $"{BenchmarkTable.Number(interval.High, "0.0e+0")}]";

    private static Denoiser Frozen(Denoiser model)
    {
        model.Freeze();
        return model;
    }
}

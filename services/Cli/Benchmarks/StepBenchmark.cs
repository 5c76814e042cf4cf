using Mlops.Diffusion.Models;

namespace Mlops.Cli.Benchmarks;

/// <summary>
/// A training step and a denoising step of a 1.6 M parameter UNet, ours against PyTorch on the same libtorch.
/// </summary>
public static class StepBenchmark
{
    private const int Batch = 32;
    private const int Rounds = 6;
    private const int TrainSteps = 4;
    private const int SampleSteps = 8;
    private const double Wanted = 1.05;

    /// <summary>Both sides in turns in one run.</summary>
    public static BenchmarkTable Run(CancellationToken cancellationToken)
    {
        var threads = Environment.ProcessorCount;
        TorchSharp.torch.set_num_threads(threads);
        var folder = Path.Combine(AppContext.BaseDirectory, "bench");
        var configFile = Path.Combine(folder, "unet.json");
        using var reference = new TorchProcess(Path.Combine(folder, "torch_step.py"), configFile, Batch, threads);
        using var ours = new TimedModel(ModelConfig.Read(configFile), Batch);
        if (reference.Hello.GetProperty("parameters").GetInt64() != ours.Parameters)
            throw new InvalidDataException("the two sides built different networks; compare them before their times");

        var rows = new List<IReadOnlyList<string>>();
        var verdicts = new List<string>();
        foreach (var (what, count, step) in Sides(ours))
        {
            var (mine, theirs) = InTurns(what, count, step, reference, cancellationToken);
            var ratio = Statistics.Median(mine) / Statistics.Median(theirs);
            rows.Add(
            [
                what, Ms(Statistics.Median(mine)), Ms(mine.Min()), Ms(Statistics.Median(theirs)), Ms(theirs.Min()),
                BenchmarkTable.Number(ratio, "0.000"), BenchmarkTable.Number(mine.Min() / theirs.Min(), "0.000"),
            ]);
            verdicts.Add(
                $"{what}: {BenchmarkTable.Number(ratio, "0.000")} of PyTorch's time; at most {Wanted} is wanted.");
        }

        return new BenchmarkTable(
            "step", $"UNet2DModel, {ours.Parameters} parameters, 3×32×32, batch {Batch}, {threads} threads; "
            + $"{Rounds} rounds in turns; milliseconds per step, median and best.",
            ["step", "ours", "best", "PyTorch", "best", "ratio", "ratio of best"], rows, verdicts);
    }

    private static IEnumerable<(string What, int Count, Action Step)> Sides(TimedModel ours) =>
        [("train", TrainSteps, ours.Train), ("sample", SampleSteps, ours.Sample)];

    private static (List<double> Mine, List<double> Theirs) InTurns(
        string what, int count, Action step, TorchProcess reference, CancellationToken cancellationToken)
    {
        var (mine, theirs) = (new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (a, b) = (Time(step, count), reference.Time(what, count));
            if (round == 0)
                continue; // warms both up
            mine.AddRange(a);
            theirs.AddRange(b);
        }

        return (mine, theirs);
    }

    private static double[] Time(Action step, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Statistics.Milliseconds(step))];

    private static string Ms(double value) => BenchmarkTable.Number(value, "0.0");
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;

namespace Mlops.Bench.Steps;

/// <summary>A training step and a sampling step, ours against diffusers on PyTorch eager, in turns.</summary>
/// <param name="precision">Type in which both sides compute, optimizer included.</param>
public sealed class StepBenchmark(string device, Precision precision)
{
    private const double WantedMedian = 1.00, WantedBest = 1.05;

    // Enough work for a card to be busy, and little enough for two cores to end within minutes.
    private static readonly Case[] OnCard =
    [
        new("unet-1.6m", 128, 20), new("unet-35.7m", 64, 20), new("dit-s", 32, 20), new("dit-xl", 8, 10),
    ];

    private static readonly Case[] OnProcessor = [new("unet-1.6m", 32, 4), new("dit-s", 2, 2)];

    private int Rounds => device == "cpu" ? 6 : 4;

    /// <summary>Measures all models of this kind of device.</summary>
    public BenchmarkTable Run(CancellationToken cancellationToken)
    {
        var threads = Environment.ProcessorCount;
        TorchSharp.torch.set_num_threads(threads);
        var rows = new List<Row>();
        var torch = "";
        foreach (var one in device == "cpu" ? OnProcessor : OnCard)
        {
            using var ours = new TimedModel(one.Config(), one.Batch, Placement());
            using var theirs = new TorchProcess(one.Setup(device, precision, threads));
            torch = theirs.Hello.GetProperty("torch").GetString();
            if (theirs.Hello.GetProperty("parameters").GetInt64() is var parameters && parameters != ours.Parameters)
                throw new InvalidDataException(
                    $"{one.Name} has {ours.Parameters} parameters here and {parameters} there; compare the networks");
            rows.Add(InTurns(one, "train", ours.Train, theirs, cancellationToken));
            rows.Add(InTurns(one, "sample", ours.Sample, theirs, cancellationToken));
        }

        return new BenchmarkTable(
            "steps", $"{device}, {precision.ToString().ToLowerInvariant()}, {threads} threads; PyTorch {torch} eager "
            + $"with diffusers' classes; {Rounds} rounds in turns; milliseconds per step, median and best.",
            ["model, batch", "step", "ours", "best", "PyTorch", "best", "ratio", "ratio of best"],
            [.. rows.Select(row => row.Cells())],
            [Verdict(rows)]);
    }

    private static string Verdict(List<Row> rows)
    {
        var slow = rows.Count(row => row.Ratio > WantedMedian || row.RatioOfBest > WantedBest);
        return FormattableString.Invariant($"At most {WantedMedian:0.00} of PyTorch's time is wanted in the median ")
            + FormattableString.Invariant($"and {WantedBest:0.00} in the best; {rows.Count - slow} of {rows.Count} ")
            + "rows keep both.";
    }

    private Placement Placement() => Diffusion.Devices.Placement.Create(device, precision, Console.Error.WriteLine);

    private Row InTurns(
        Case one, string step, Action ours, TorchProcess theirs, CancellationToken cancellationToken)
    {
        var row = new Row($"{one.Name}, {one.Batch}", step, [], []);
        for (var round = 0; round <= Rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var mine = Enumerable.Range(0, one.Steps).Select(_ => Statistics.Milliseconds(ours)).ToArray();
            var reference = theirs.Time(step, one.Steps);
            if (round == 0)
                continue; // warms both up
            row.Ours.AddRange(mine);
            row.Theirs.AddRange(reference);
        }

        return row;
    }

    /// <summary>A network and how much of it is timed.</summary>
    private sealed record Case(string Name, int Batch, int Steps)
    {
        private string FileName => Path.Combine(AppContext.BaseDirectory, "Steps", $"{Name}.json");

        public ModelConfig Config() => ModelConfig.Read(FileName);

        public string Setup(string device, Precision precision, int threads) => JsonSerializer.Serialize(new
        {
            config = JsonNode.Parse(File.ReadAllText(FileName)), batch = Batch, threads, device,
            dtype = precision.ToString().ToLowerInvariant(),
        });
    }

    private sealed record Row(string Model, string Step, List<double> Ours, List<double> Theirs)
    {
        public double Ratio => Statistics.Median(Ours) / Statistics.Median(Theirs);

        public double RatioOfBest => Ours.Min() / Theirs.Min();

        public string[] Cells() =>
        [
            Model, Step, Ms(Statistics.Median(Ours)), Ms(Ours.Min()), Ms(Statistics.Median(Theirs)), Ms(Theirs.Min()),
            BenchmarkTable.Number(Ratio, "0.000"), BenchmarkTable.Number(RatioOfBest, "0.000"),
        ];

        private static string Ms(double value) => BenchmarkTable.Number(value, "0.0");
    }
}

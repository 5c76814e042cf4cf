using Mlops.Bench.Steps;
using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;

namespace Mlops.Bench;

/// <summary>Whether layers that are left out really save their share of the time.</summary>
public static class SpeedupBenchmark
{
    private const int Batch = 32;
    private const int Rounds = 12;
    private const double Wanted = 0.85;
    private static readonly double[] KeptShares = [0.75, 0.5, 0.25, 0.0];

    /// <summary>Dense and depth-pruned passes in turns.</summary>
    public static BenchmarkTable Run(CancellationToken cancellationToken)
    {
        TorchSharp.torch.set_num_threads(Environment.ProcessorCount);
        using var model = new TimedModel(
            ModelConfig.Read(Path.Combine(AppContext.BaseDirectory, "Steps", "unet-1.6m.json")), Batch, Placement.Cpu);
        var dense = MacCounter.Count(model.Network).Macs;
        var rows = new List<IReadOnlyList<string>>();
        var worst = double.PositiveInfinity;
        foreach (var share in KeptShares)
        {
            var run = Mask(model.Network.Layers.Count, share);
            var macs = (double)MacCounter.Count(model.Network, run: run).Macs / dense;
            var (full, pruned) = InTurns(model, new LayerControl { Run = run }, cancellationToken);
            var speedup = Statistics.Median(full) / Statistics.Median(pruned);
            worst = Math.Min(worst, speedup * macs);
            rows.Add(
            [
                $"{run.Count(runs => runs)} of {run.Length} layers", BenchmarkTable.Number(macs, "0.000"),
                BenchmarkTable.Number(Statistics.Median(full), "0.0"),
                BenchmarkTable.Number(Statistics.Median(pruned), "0.0"),
                BenchmarkTable.Number(speedup, "0.00"), BenchmarkTable.Number(speedup * macs, "0.000"),
            ]);
        }

        return new BenchmarkTable(
            "speedup", $"UNet2DModel, {model.Parameters} parameters, batch {Batch}; {Rounds} pairs in turns; "
            + "milliseconds per denoising step. Efficiency is the speed-up times the MACs left: 1 means that every "
            + "multiply-accumulate that was removed also saved its time.",
            ["pruned model", "MACs left", "dense", "pruned", "speed-up", "efficiency"], rows,
            [$"Worst efficiency {BenchmarkTable.Number(worst, "0.000")}; at least {Wanted} is wanted."]);
    }

    // Spread evenly, so that layers of every resolution are among those left out.
    private static bool[] Mask(int layers, double share) =>
        [.. Enumerable.Range(0, layers).Select(layer => Math.Floor((layer + 1) * share) > Math.Floor(layer * share))];

    private static (List<double> Dense, List<double> Pruned) InTurns(
        TimedModel model, LayerControl control, CancellationToken cancellationToken)
    {
        var (dense, pruned) = (new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (a, b) = (Statistics.Milliseconds(model.Sample), Statistics.Milliseconds(() => model.Sample(control)));
            if (round == 0)
                continue; // warms up
            dense.Add(a);
            pruned.Add(b);
        }

        return (dense, pruned);
    }
}

using Mlops.Bench.Steps;
using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.Bench;

/// <summary>Whether layers, channels and calls that are left out really save their share of the time.</summary>
public static class SpeedupBenchmark
{
    private const int Rounds = 12, Steps = 20;
    private const double WantedOfForecasts = 0.95, WantedOfLayers = 0.9, WantedOfWidths = 0.8;

    private const string Scheduler = """
        {"_class_name": "DDIMScheduler", "beta_schedule": "linear", "clip_sample": false}
        """;

    private static readonly int[] Batches = [1, 8];
    private static readonly double[] KeptShares = [0.5, 0.25];

    /// <summary>Dense and pruned passes in turns.</summary>
    public static BenchmarkTable Run(CancellationToken cancellationToken)
    {
        set_num_threads(Environment.ProcessorCount);
        var rows = new List<IReadOnlyList<string>>();
        var missed = 0;
        foreach (var batch in Batches)
        {
            using var unet = new TimedModel(Config("unet-1.6m"), batch, Placement.Cpu);
            using var dit = new TimedModel(Config("dit-s"), batch, Placement.Cpu);
            foreach (var timed in Layers(unet).Concat(Widths(dit)).Concat(Forecasts(unet, batch)))
            {
                var (dense, pruned) = InTurns(timed.Dense, timed.Pruned, cancellationToken);
                var speedup = Statistics.Median(dense) / Statistics.Median(pruned);
                missed += speedup * timed.Macs < timed.Wanted ? 1 : 0;
                rows.Add(
                [
                    timed.Name, $"{batch}", BenchmarkTable.Number(timed.Macs, "0.000"),
                    BenchmarkTable.Number(Statistics.Median(dense), "0.0"),
                    BenchmarkTable.Number(Statistics.Median(pruned), "0.0"), BenchmarkTable.Number(speedup, "0.00"),
                    BenchmarkTable.Number(speedup * timed.Macs, "0.000"), BenchmarkTable.Number(timed.Wanted, "0.00"),
                ]);
            }
        }

        return new BenchmarkTable(
            "speedup", $"{Rounds} pairs in turns; median milliseconds, of one call or of {Steps} sampler steps. "
            + "Efficiency is the speed-up times the MACs left: 1 means that every multiply-accumulate that was removed "
            + "also saved its time.",
            ["pruned model", "batch", "MACs left", "dense", "pruned", "speed-up", "efficiency", "wanted"], rows,
            [$"{rows.Count - missed} of {rows.Count} rows reach the efficiency that is wanted."]);
    }

    private static IEnumerable<Timed> Layers(TimedModel model) =>
        from share in KeptShares
        let run = Mask(model.Network.Layers.Count, share)
        select new Timed(
            $"UNet, {run.Count(runs => runs)} of {run.Length} layers",
            MacCounter.Count(model.Network, run: run).Macs / (double)MacCounter.Count(model.Network).Macs,
            WantedOfLayers, model.Sample, () => model.Sample(new LayerControl { Run = run }));

    /// <summary>Cut for good, as one network for all timesteps is, or gathered, as stages of unlike widths are.
    /// </summary>
    private static IEnumerable<Timed> Widths(TimedModel model)
    {
        foreach (var share in KeptShares)
        {
            var keep = ChannelGroups.Of(model.Network).ToDictionary(group => group.Root, group => Kept(group, share));
            var variant = new PlanVariant([], keep);
            var macs = SlicedVariant.Macs(model.Network, variant) / (double)MacCounter.Count(model.Network).Macs;
            var (cut, dense) = (SlicedVariant.Copy(model.Network, variant)!, model.Network);
            var indices = keep.ToDictionary(entry => entry.Key, entry => tensor(entry.Value.ToArray()));
            var (name, gathered) = ($"DiT, {share} of heads and neurons", new LayerControl { Keep = indices });
            yield return new(name + ", cut", macs, WantedOfWidths, model.Sample, () => model.Sample(cut));
            yield return new(
                name + ", gathered", macs, WantedOfWidths, model.Sample, () => model.Sample(gathered));
        }
    }

    private static IReadOnlyList<long> Kept(ChannelGroup group, double share) =>
        [.. Enumerable.Range(0, Math.Max(1, (int)(group.Width / group.UnitSize * share)) * group.UnitSize)
            .Select(channel => (long)channel)];

    private static IEnumerable<Timed> Forecasts(TimedModel model, int batch) =>
        from share in KeptShares
        let runs = StepBudget.Runs(share, Steps)
        let table = UniformSteps.Create(Steps, runs, new StepAction.Forecast(ForecastKind.Clean, 1))
        select new Timed(
            $"UNet, {runs} of {Steps} steps, others forecast", runs / (double)Steps, WantedOfForecasts,
            () => Image(model, batch, null), () => Image(model, batch, table));

    private static void Image(TimedModel model, int batch, IReadOnlyList<StepAction>? actions)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var problem = new StepProblem(
            "ddim", () => NoiseSchedulers.Parse(Scheduler), Guidance.Of(model.Network, 1), 1, Steps, new StepOptions(),
            0);
        problem.Sample(actions, Probes.Draw(model.Network, 0, "bench", batch), CancellationToken.None).sum()
            .item<float>();
    }

    private static ModelConfig Config(string name) =>
        ModelConfig.Read(Path.Combine(AppContext.BaseDirectory, "Steps", $"{name}.json"));

    // Spread evenly, so that layers of every resolution are among those left out.
    private static bool[] Mask(int layers, double share) =>
        [.. Enumerable.Range(0, layers).Select(layer => Math.Floor((layer + 1) * share) > Math.Floor(layer * share))];

    private static (List<double> Dense, List<double> Pruned) InTurns(
        Action whole, Action less, CancellationToken cancellationToken)
    {
        var (dense, pruned) = (new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (a, b) = (Statistics.Milliseconds(whole), Statistics.Milliseconds(less));
            if (round == 0)
                continue; // warms up
            dense.Add(a);
            pruned.Add(b);
        }

        return (dense, pruned);
    }

    /// <summary>Two sides of one row.</summary>
    private sealed record Timed(string Name, double Macs, double Wanted, Action Dense, Action Pruned);
}

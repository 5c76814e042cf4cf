using System.Diagnostics;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Metrics;
using Mlops.Diffusion.Sampling;
using Mlops.Contracts.Evaluations;
using static TorchSharp.torch;

namespace Mlops.Evaluation.Measuring;

/// <summary>Time and memory of whole sampling runs, dense and pruned in turns in this process.</summary>
public sealed class SpeedMeasurements(EvaluationInputs inputs, EvaluationOptions options, long seed)
{
    private const double BytesPerMebibyte = 1 << 20;

    /// <summary>Median time of a run and of a step, and the memory that a run adds at its peak.</summary>
    public IReadOnlyList<Measurement> Measure(CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var run = $"{inputs.Sampling.Name} batch{options.TimingBatch}";
        var timed = $"{run} rounds{options.TimingRounds} {inputs.Device} threads{get_num_threads()}, "
            + Processor.Name;
        var (denseSteps, prunedSteps) = (new List<double>(), new List<double>());
        var (channels, height, width) = inputs.Dense.SampleShape;
        var noise = EqualNoise.Start(seed, 0, options.TimingBatch, channels, height, width).to(inputs.Device);
        var labels = inputs.Dense.LabelsInTurn(0, options.TimingBatch);
        // First: a device's allocator keeps what it once reserved.
        var memory = PeakMemory.Measure(
            () => Run(inputs.SampleDense, []), () => Run(inputs.SamplePruned, []), inputs.Device);
        var times = SideBySide.Measure(
            () => Run(inputs.SampleDense, denseSteps), () => Run(inputs.SamplePruned, prunedSteps),
            options.TimingRounds, cancellationToken);
        var found = new List<Measurement> { Timed("latency", "s", times.Dense, times.Pruned, 1), SpeedUp() };
        // Steps that call the network and steps that do not have no common median.
        if (inputs is { PrunedParts.Steps: null, DenseParts.Steps: null })
            found.Add(Timed("step_latency", "ms", denseSteps, prunedSteps, 1000));
        if (memory is var (dense, pruned, how))
            found.Add(new(
                "memory", "peak_memory", "MiB", $"{how} {run}", Better.Lower, dense / BytesPerMebibyte,
                pruned / BytesPerMebibyte));
        return found;

        Measurement SpeedUp()
        {
            double[] ratios = [.. times.Dense.Zip(times.Pruned, (a, b) => a / b).Order()];
            return new(
                "speed", "speedup", "x", $"speedup/1 dense by pruned, median, quartiles, {timed}", Better.Higher, null,
                Bootstrap.Quantile(ratios, 0.5), Bootstrap.Quantile(ratios, 0.25), Bootstrap.Quantile(ratios, 0.75));
        }

        Measurement Timed(string name, string unit, IEnumerable<double> a, IEnumerable<double> b, double scale)
        {
            double[] denseTimes = [.. a.Order()], prunedTimes = [.. b.Order()];
            return new(
                "speed", name, unit, $"{name}/1 median, quartiles, {timed}", Better.Lower,
                scale * Bootstrap.Quantile(denseTimes, 0.5), scale * Bootstrap.Quantile(prunedTimes, 0.5),
                scale * Bootstrap.Quantile(prunedTimes, 0.25), scale * Bootstrap.Quantile(prunedTimes, 0.75));
        }

        void Run(Sampling sample, List<double> steps)
        {
            using var inner = NewDisposeScope();
            var last = Stopwatch.GetTimestamp();
            sample(
                noise, labels, new SamplerOptions(Seed: seed, BatchSize: options.TimingBatch),
                _ =>
                {
                    ComputeDevice.Synchronize(inputs.Device);
                    var now = Stopwatch.GetTimestamp();
                    steps.Add(Stopwatch.GetElapsedTime(last, now).TotalSeconds);
                    last = now;
                },
                cancellationToken);
        }
    }

    private delegate Tensor Sampling(
        Tensor noise, Tensor? labels, SamplerOptions options, Action<SamplerStep> onStep, CancellationToken token);
}

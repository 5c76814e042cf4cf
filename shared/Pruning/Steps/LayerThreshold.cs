using Mlops.Diffusion;
using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>Each layer for itself runs where its residual has changed enough since it last ran, else the residual is
/// reused: the rule of DBCache (cache-dit) for every layer and made static, with changes measured on dense runs of some
/// probes. One threshold, found by bisection, serves all layers.</summary>
public static class LayerThreshold
{
    // Halvings of the threshold's range; more than a double has digits.
    private const int Halvings = 60;
    private const double Tiny = 1e-20;

    // Values of a residual that are looked at, evenly spread over it.
    private const int Looked = 65_536;

    /// <summary>The table that a threshold gives within a budget.</summary>
    /// <param name="problem">With its layers.</param>
    /// <param name="budget">MACs of one image, guidance not counted.</param>
    public static IReadOnlyList<StepAction> Create(
        StepProblem problem, Probes probes, long budget, CancellationToken cancellationToken)
    {
        var network = problem.Layers!;
        var all = LayerPatterns.All(network, 0);
        var whole = MacCounter.Count(network).Macs;
        var saved = all.Layers
            .Select(layer => whole - StepCosts.Partial(network, all with { Layers = [layer] })).ToArray();
        var changes = Changes(problem, all.Layers, probes, cancellationToken);
        var (low, high) = (0.0, 1 + changes.Max(layer => layer.Cast<double>().Max()));
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (low + high) / 2;
            if (Macs(middle) <= budget)
                high = middle;
            else
                low = middle;
        }

        var runs = Array.ConvertAll(changes, layer => RunsAt(layer, high));
        return [.. Enumerable.Range(0, problem.Steps).Select(Action)];

        long Macs(double threshold) => (whole * problem.Steps)
            - changes.Select((layer, index) => saved[index] * RunsAt(layer, threshold).Count(runs => !runs)).Sum();

        StepAction Action(int step) =>
            all.Layers.Where((_, layer) => !runs[layer][step]).ToArray() is { Length: > 0 } rest
            ? all with { Layers = rest }
            : new StepAction.Run();
    }

    // [layer][a, s]: relative L1 change of the residual from step a to s.
    private static double[][,] Changes(
        StepProblem problem, IReadOnlyList<string> layers, Probes probes, CancellationToken cancellationToken)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var residuals = layers.ToDictionary(layer => layer, _ => new List<Tensor>(), StringComparer.Ordinal);
        var observed = problem with
        {
            Network = Diffusion.Sampling.Guidance.Of(problem.Layers!, problem.Guidance, new LayerControl
            {
                Cache = (name, bypass, layer) =>
                {
                    if (!residuals.TryGetValue(name, out var seen))
                        return layer(null);
                    var beside = bypass();
                    var output = layer(beside);
                    seen.Add(Some(output - beside));
                    return output;
                },
            }),
        };
        try
        {
            Trajectory.Record(observed, probes, cancellationToken).Dispose();
            return [.. layers.Select(layer => Between(residuals[layer]))];
        }
        finally
        {
            foreach (var tensor in residuals.Values.SelectMany(seen => seen))
                tensor.Dispose();
        }

        static Tensor Some(Tensor residual)
        {
            var flat = residual.flatten();
            return flat.slice(0, 0, flat.shape[0], Math.Max(1, flat.shape[0] / Looked)).to(float32, copy: true)
                .DetachFromDisposeScope();
        }
    }

    private static double[,] Between(List<Tensor> residuals)
    {
        using var scope = NewDisposeScope();
        var all = stack(residuals, 0);                                                          // [S, values]
        var (steps, changes) = (residuals.Count, new double[residuals.Count, residuals.Count]);
        for (var from = 0; from < steps; from++)
        {
            using var inner = NewDisposeScope();
            var row = (all - all[from]).abs().mean([1L]) / all[from].abs().mean().clamp_min(Tiny);
            foreach (var (change, to) in row.Doubles().Select((change, to) => (change, to)))
                changes[from, to] = change;
        }

        return changes;
    }

    private static bool[] RunsAt(double[,] changes, double threshold)
    {
        var runs = new bool[changes.GetLength(0)];
        var last = 0;
        for (var step = 0; step < runs.Length; step++)
            if (runs[step] = step == 0 || changes[last, step] >= threshold)
                last = step;
        return runs;
    }
}

using Mlops.Contracts.Evaluations;
using Mlops.Diffusion.Metrics;
using Mlops.Evaluation.Report;
using Mlops.Pruning.Steps;

namespace Mlops.Evaluation.Measuring;

/// <summary>The first rival of every method: the dense model in fewer steps of the same sampler, for no more MACs.
/// </summary>
/// <param name="Steps">Steps of the rival.</param>
/// <param name="AllSteps">Steps of the dense model.</param>
/// <param name="TotalMacs">Shares of the dense model's MACs for an image: the pruned model's, the rival's.</param>
/// <param name="Pruned">Squared distance of every pruned sample to the dense one of equal noise, relative to the
/// variance of these.</param>
/// <param name="Fewer">The same of the rival's samples.</param>
internal sealed record FewerSteps(
    int Steps, int AllSteps, (double Pruned, double Fewer) TotalMacs, IReadOnlyList<double> Pruned,
    double[] Fewer)
{
    /// <summary>Measures it; null where it was not drawn.</summary>
    public static FewerSteps? Of(PairedSamples pairs, PairDistances distances, EvaluationInputs inputs)
    {
        if (pairs.Fewer is not { } samples || inputs.FewerSteps is not { } steps)
            return null;
        var (dense, pruned) = inputs.Costs();
        return new(
            steps, inputs.Sampling.DenseSteps,
            (pruned.Macs / dense.Macs, inputs.DenseCosts(steps).Macs / dense.Macs),
            distances.ToDense, RelativeError.PerSample(samples, pairs.Dense));
    }

    /// <summary>The rival's distance as a row of the report.</summary>
    public Measurement Measure(EvaluationInputs inputs, long seed)
    {
        var interval = Bootstrap.Mean(Fewer, seed);
        return new(
            "pairs", "dense_mse.fewer-steps", "",
            $"relative to the variance of dense samples, {inputs.Sampling.Name} in {Steps} steps, dense weights, "
            + $"n{Fewer.Length} seed{seed} bootstrap95",
            Better.Lower, null, interval.Mean, interval.Low, interval.High);
    }

    /// <summary>Who is nearer, by the 95 % interval of the paired difference.</summary>
    public string Sentence(long seed)
    {
        var difference = Bootstrap.Mean([.. Fewer.Zip(Pruned, (fewer, pruned) => fewer - pruned)], seed);
        var (fewer, pruned) = (Fewer.Average(), Pruned.Average());
        var found = difference switch
        {
            { Low: > 0 } => $"{Drawing.Number(fewer / pruned)} times as far from those of all {AllSteps} as the pruned "
                + "model's",
            { High: < 0 } => $"{Drawing.Number(pruned / fewer)} times nearer to those of all {AllSteps} than the "
                + "pruned model's: for this sampler, fewer steps are the better way to save",
            _ => $"as near to those of all {AllSteps} as the pruned model's",
        };
        return $"for no more MACs the dense model makes {Steps} steps, and its pictures are then {found}";
    }

    /// <summary>Quality against MACs.</summary>
    public Chart Chart() => new(
        "Distance to the dense model's pictures", "total MACs left", "log10 of the relative squared distance",
        [
            new("this model", [TotalMacs.Pruned], [Math.Log10(Pruned.Average())]),
            new($"dense model, {Steps} steps", [TotalMacs.Fewer], [Math.Log10(Fewer.Average())]),
        ]);
}

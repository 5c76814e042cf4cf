using System.Globalization;
using Mlops.Pruning.Plans;

namespace Mlops.SparseExport.Onnx;

/// <summary>What <c>export.json</c> says of the ONNX files beside the weights.</summary>
/// <param name="Files">One for each sub-network.</param>
/// <param name="Inputs">Names, types and shapes, in words.</param>
/// <param name="Opset">Version of the operators.</param>
/// <param name="Runtime">Version of the onnxruntime that ran the files.</param>
/// <param name="LargestDifference">Between its outputs and those of the network in memory, absolute.</param>
public sealed record OnnxRecord(
    IReadOnlyList<OnnxFile> Files, string Inputs, int Opset, string Runtime, double LargestDifference)
{
    /// <summary>How the files were checked.</summary>
    public string Summary() => string.Create(
        CultureInfo.InvariantCulture,
        $"ONNX opset {Opset}; onnxruntime {Runtime} computes what the network does, at most {LargestDifference:0.0e-0} "
        + $"apart ({OnnxNetwork.Tolerance:0e-0} is allowed)");

    /// <summary>Writes <c>model.onnx</c>, or <c>model_0.onnx</c> and so on for the variants of a routed network, and
    /// checks them.</summary>
    /// <param name="folder">Of the exported pipeline.</param>
    /// <param name="component">The network's folder in it.</param>
    /// <exception cref="InvalidDataException">ONNX cannot hold the network.</exception>
    /// <exception cref="InvalidOperationException">A file computes something else.</exception>
    internal static OnnxRecord Write(PrunedSource source, string folder, string component, long seed)
    {
        var (network, plan) = (source.Model.Inner, source.Plan);
        var files = new List<OnnxFile>();
        var worst = 0.0;
        for (var variant = 0; variant < plan.Variants.Count; variant++)
        {
            var file = new OnnxFile(
                $"{component}/{(plan.IsConstant ? "model" : $"model_{variant}")}.onnx", Stages(plan, variant));
            var (path, run) = (Path.Combine(folder, file.Path), plan.RunMask(variant, network.Layers));
            using var cut = SlicedVariant.Copy(network, plan.Variants[variant], source.Model.Packs);
            OnnxNetwork.Write(cut ?? network, run, path);
            worst = Math.Max(worst, OnnxNetwork.Check(cut ?? network, run, path, file.Timesteps, seed));
            files.Add(file);
        }

        return new(files, OnnxNetwork.Inputs(network), OnnxGraph.Opset, OnnxNetwork.Runtime, worst);
    }

    private static List<int[]> Stages(PruningPlan plan, int variant)
    {
        var (stages, first) = (new List<int[]>(), 0);
        foreach (var row in plan.Rows)
        {
            if (row.Variant == variant)
                stages.Add([first, first + row.Length - 1]);
            first += row.Length;
        }

        return stages;
    }
}

/// <summary>The network of some timesteps.</summary>
/// <param name="Path">Relative to the exported folder.</param>
/// <param name="Timesteps">First and last native timestep of every stage that it serves.</param>
public sealed record OnnxFile(string Path, IReadOnlyList<int[]> Timesteps);

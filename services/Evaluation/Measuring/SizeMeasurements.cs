using Mlops.Diffusion.Counting;
using Mlops.Evaluation.Report;

namespace Mlops.Evaluation.Measuring;

/// <summary>What both models cost on paper and on disk; counted on the masks that really run.</summary>
public static class SizeMeasurements
{
    private const string Group = "size";

    /// <summary>MACs of one forward pass, stored parameters and weight bytes.</summary>
    public static IEnumerable<Measurement> Of(EvaluationInputs inputs)
    {
        const string Macs = "macs/1 conv+linear+attention batch1 mean-over-native-timesteps";
        var dense = MacCounter.Count(inputs.Dense);
        yield return new(
            Group, "macs", "MAC", Macs, Better.Lower, dense.Macs, inputs.PrunedParts.MeanMacs);
        yield return new(
            Group, "parameters", "", "parameters/1 stored", Better.Lower,
            dense.Parameters, inputs.PrunedParts.Parameters);
        yield return new(
            Group, "weights", "byte", "safetensors-files/1", Better.Lower,
            Bytes(inputs.DenseFolder), Bytes(inputs.PrunedFolder));
    }

    private static double Bytes(string folder) => Directory
        .EnumerateFiles(folder, "*.safetensors", SearchOption.AllDirectories)
        .Sum(file => new FileInfo(file).Length);
}

using Mlops.Contracts.Evaluations;

namespace Mlops.Evaluation.Measuring;

/// <summary>What both models cost on paper and on disk; counted on the masks that really run.</summary>
public static class SizeMeasurements
{
    private const string Group = "size";

    /// <summary>MACs of one forward pass and of one image, calls of the network, parameters, weight bytes.</summary>
    public static IEnumerable<Measurement> Of(EvaluationInputs inputs)
    {
        const string Macs = "macs/1 conv+linear+attention batch1 mean-over-native-timesteps";
        yield return new(
            Group, "macs", "MAC", Macs, Better.Lower, inputs.DenseParts.MeanMacs,
            inputs.PrunedParts.MeanMacs);
        var whole = $"total-macs/1 every call of one image, {inputs.Sampling.Name}";
        var (all, left) = inputs.Costs();
        yield return new(Group, "total_macs", "MAC", whole, Better.Lower, all.Macs, left.Macs);
        yield return new(
            Group, "calls", "", whole.Replace("total-macs", "calls", StringComparison.Ordinal), Better.Lower, all.Calls,
            left.Calls);
        yield return new(
            Group, "parameters", "", "parameters/1 stored", Better.Lower,
            inputs.DenseParts.Parameters, inputs.PrunedParts.Parameters);
        yield return new(
            Group, "weights", "byte", "safetensors-files/1", Better.Lower,
            Bytes(inputs.DenseFolder), Bytes(inputs.PrunedFolder));
    }

    private static double Bytes(string folder) => Directory
        .EnumerateFiles(folder, "*.safetensors", SearchOption.AllDirectories)
        .Sum(file => new FileInfo(file).Length);
}

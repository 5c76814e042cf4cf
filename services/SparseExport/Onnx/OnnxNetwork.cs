using Microsoft.ML.OnnxRuntime;
using Mlops.Diffusion;
using Mlops.Diffusion.Models;
using static TorchSharp.torch;
using ElementType = Mlops.SparseExport.Onnx.TensorProto.Types.DataType;

namespace Mlops.SparseExport.Onnx;

/// <summary>Writes one network, all of it or a sub-network, as ONNX, and has onnxruntime compute what was written.
/// </summary>
public static class OnnxNetwork
{
    /// <summary>The largest absolute difference that passes.</summary>
    public const double Tolerance = 1e-4;

    private const string Sample = "sample", Timestep = "timestep", Labels = "class_labels", Output = "out_sample";

    /// <summary>Version of the runtime that checks the files.</summary>
    public static string Runtime => OrtEnv.Instance().GetVersionString();

    /// <summary>What a file takes, in words.</summary>
    public static string Inputs(Denoiser network)
    {
        var (channels, height, width) = network.SampleShape;
        return $"{Sample} float32 [n, {channels}, {height}, {width}], {Timestep} float32 [n]"
            + (network.Classes > 0 ? $", {Labels} int64 [n]" : "");
    }

    /// <summary>Writes a file whose output <c>out_sample</c> is the network's prediction.</summary>
    /// <param name="network">Weights in float32.</param>
    /// <param name="run">One entry per layer; false leaves it out.</param>
    /// <exception cref="InvalidDataException">The network is too large or of a kind for which there is no graph.
    /// </exception>
    public static void Write(Denoiser network, IReadOnlyList<bool> run, string path)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (channels, height, width) = network.SampleShape;
        var graph = new OnnxGraph(network);
        var sample = graph.Input(Sample, ElementType.Float, channels, height, width);
        var timestep = graph.Input(Timestep, ElementType.Float);
        OnnxValue? labels = network.Classes > 0 ? graph.Input(Labels, ElementType.Int64) : null;
        var (predicted, outChannels) = network switch
        {
            UNet2DModel unet => (new UNetGraph(unet, run, timestep, labels).Predict(sample), unet.Options.OutChannels),
            DiTTransformer2DModel transformer => (
                new DiTGraph(transformer, run, timestep, labels!.Value).Predict(sample),
                transformer.Options.OutChannels),
            _ => throw new ArgumentException($"a {network.GetName()} has no graph", nameof(network)),
        };
        graph.Output(Output, predicted, outChannels, height, width);
        graph.Save(path);
    }

    /// <summary>Largest absolute difference between a file's outputs and the network's, over batches of three and of
    /// one in every stage.</summary>
    /// <param name="run">As it was written.</param>
    /// <param name="stages">First and last native timestep of each.</param>
    /// <exception cref="InvalidOperationException">It is more than <see cref="Tolerance"/>.</exception>
    public static double Check(
        Denoiser network, IReadOnlyList<bool> run, string path, IEnumerable<int[]> stages, long seed)
    {
        using var noGrad = no_grad();
        using var generator = new Generator(Seeds.Of(seed, "onnx-probe"));
        using var settings = new SessionOptions { IntraOpNumThreads = get_num_threads() };
        using var session = new InferenceSession(path, settings);
        var (channels, height, width) = network.SampleShape;
        var worst = 0.0;
        foreach (var stage in stages)
            foreach (var times in (float[][])[[stage[0], (stage[0] + stage[1]) / 2, stage[1]], [stage[1]]])
            {
                using var scope = NewDisposeScope();
                var sample = randn([times.Length, channels, height, width], float32, CPU, generator: generator);
                var labels = network.LabelsInTurn(network.Classes - 1, times.Length);
                var expected = network.Predict(
                    sample, tensor(times, device: CPU), labels, new LayerControl { Run = run });
                var difference = (expected - Compute(session, sample, times, labels, expected.shape)).abs().max();
                worst = Math.Max(worst, difference.item<float>());
            }

        return worst <= Tolerance ? worst : throw new InvalidOperationException(
            $"{Path.GetFileName(path)} predicts something else in onnxruntime {Runtime} than the model that it was "
            + $"written from: {worst:g3}");
    }

    private static Tensor Compute(
        InferenceSession session, Tensor sample, float[] times, Tensor? labels, long[] shape)
    {
        using var pixels = OrtValue.CreateTensorValueFromMemory(sample.data<float>().ToArray(), sample.shape);
        using var timesteps = OrtValue.CreateTensorValueFromMemory(times, [times.Length]);
        using var classes = labels is null ? null
            : OrtValue.CreateTensorValueFromMemory(labels.data<long>().ToArray(), labels.shape);
        var inputs = new Dictionary<string, OrtValue> { [Sample] = pixels, [Timestep] = timesteps };
        if (classes is not null)
            inputs[Labels] = classes;
        using var options = new RunOptions();
        using var results = session.Run(options, inputs, [Output]);
        return tensor(results[0].GetTensorDataAsSpan<float>().ToArray(), shape, device: CPU);
    }
}

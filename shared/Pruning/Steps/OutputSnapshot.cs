using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>A network's output at a step, with the input it belongs to; both are owned.</summary>
/// <param name="Step">Index in the grid.</param>
/// <param name="Output">[N, C, H, W], or with variance channels behind the C.</param>
/// <param name="Input">The network's input [N, C, H, W].</param>
/// <param name="Level">α and σ of that input.</param>
public sealed record OutputSnapshot(int Step, Tensor Output, Tensor Input, NoiseLevel Level) : IDisposable
{
    /// <summary>The output in terms of another kind of prediction; belongs to the caller's dispose scope.</summary>
    public Tensor As(PredictionKind kind, PredictionKind network) =>
        network.Convert(kind, Guidance.KeepChannels(Output, Input.shape[1]), Input, Level);

    public void Dispose()
    {
        Output.Dispose();
        Input.Dispose();
    }
}

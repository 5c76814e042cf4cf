using static TorchSharp.torch;

namespace Mlops.Diffusion.Sampling;

/// <summary>One step that a sampler took; the tensors live only during the callback.</summary>
/// <param name="Index">Step of the grid, from 0.</param>
/// <param name="Count">Steps of the grid.</param>
/// <param name="NativeTimestep">Row of a routing table.</param>
/// <param name="FirstSample">Index of the first sample of this batch.</param>
/// <param name="Input">State before the step [n, C, H, W], not scaled.</param>
/// <param name="Output">What the network predicted, guidance applied.</param>
public sealed record SamplerStep(
    int Index, int Count, long NativeTimestep, int FirstSample, Tensor Input, Tensor Output, Tensor State);

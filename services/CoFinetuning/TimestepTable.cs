using Mlops.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.CoFinetuning;

/// <summary>What the temporal router sees of each native timestep.</summary>
internal static class TimestepTable
{
    // The width of DiT's fixed features.
    private const long TransformerWidth = 256;

    /// <summary>
    /// Raw sinusoids of 0 … T − 1, [T, D], before any learned layer: as ALTER's code does for UNets. Its DiT code takes
    /// the output of the pretrained time layers instead; raw features need no access to a model's inside and do not
    /// drift.
    /// </summary>
    public static Tensor Compute(Denoiser model, int timesteps, Device device)
    {
        using var scope = NewDisposeScope();
        var all = arange(timesteps, device: device);
        var table = model is UNet2DModel unet
            ? Sinusoids.Compute(
                all, unet.Options.BlockOutChannels[0], unet.Options.FlipSinToCos, unet.Options.FreqShift)
            : Sinusoids.Compute(all, TransformerWidth, true, 1);
        return table.MoveToOuterDisposeScope();
    }
}

using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>Checks in front of the native library, whose own messages name no argument.</summary>
internal static class PredictInputs
{
    /// <summary>Refuses samples and labels that the network cannot take.</summary>
    public static void Check(Denoiser model, long channels, long multiple, Tensor sample, Tensor? labels)
    {
        var shape = sample.shape;
        if (shape.Length != 4 || shape[1] != channels || shape[2] % multiple != 0 || shape[3] % multiple != 0)
            throw new ArgumentException($"a sample of shape [{string.Join(", ", shape)}] does not fit "
                + $"{model.GetName()}: expected [N, {channels}, H, W] with H and W multiples of {multiple}");
        if (model.Classes > 0 && (labels is null || labels.shape is not [var count] || count != shape[0]))
            throw new ArgumentException($"{model.GetName()} is conditional on {model.Classes} classes: pass one label "
                + $"for each of the {shape[0]} samples");
    }

    /// <summary>One timestep per sample: [N] as it is, [1] or a scalar repeated.</summary>
    public static Tensor PerSample(Tensor timestep, long batch)
    {
        var flat = timestep.reshape(-1);
        return flat.shape[0] == batch ? flat
            : flat.shape[0] == 1 ? flat.expand([batch])
            : throw new ArgumentException($"{flat.shape[0]} timesteps for {batch} samples; pass one, or one each");
    }
}

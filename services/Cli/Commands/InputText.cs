namespace Mlops.Cli.Commands;

/// <summary>What commands say of the inputs that they take.</summary>
internal static class InputText
{
    /// <summary>The model, and what stands for it.</summary>
    public const string Model =
        "A diffusers folder (default: one trained on --data; without that, too, a small model of clothes)";

    /// <summary>The networks that distributions can be compared with.</summary>
    public const string Features =
        "FID's Inception v3 or CLIP's vision tower (safetensors), in whose features distributions are compared "
        + "(default: the dense model's)";

    /// <summary>The kinds of folders, and the word for the drawn set.</summary>
    public const string Data =
        "A folder of pictures, of IDX files (the MNIST family) or of CIFAR-10 binary batches, or 'procedural'";
}

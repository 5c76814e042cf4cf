using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>The elementwise non-linearities that configurations name.</summary>
internal static class Activation
{
    /// <summary>What <c>act_fn</c> of a UNet may say.</summary>
    public static readonly string[] Names = ["silu", "swish", "mish", "gelu", "relu"];

    /// <summary>The function of a name in <see cref="Names"/>.</summary>
    public static Func<Tensor, Tensor> Parse(string name) => name switch
    {
        "silu" or "swish" => x => nn.functional.silu(x),
        "mish" => x => nn.functional.mish(x),
        "relu" => x => x.relu(),
        "gelu" => x => x.gelu(),
        _ => throw new InvalidDataException($"activation \"{name}\" is unknown; use {string.Join(", ", Names)}."),
    };
}

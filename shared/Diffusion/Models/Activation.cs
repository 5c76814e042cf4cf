using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>The elementwise non-linearities that configurations name.</summary>
internal static class Activation
{
    public static Func<Tensor, Tensor> Of(string name) => name switch
    {
        "silu" or "swish" => x => x.silu(),
        "relu" => x => x.relu(),
        "gelu" => x => x.gelu(),
        "gelu-approximate" => x => x.gelu(GELU.Approximate.tanh),
        _ => throw new InvalidDataException(
            $"activation \"{name}\" is not built; use silu, swish, relu, gelu or gelu-approximate."),
    };
}

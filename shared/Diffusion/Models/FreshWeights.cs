using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>Initial weights, all drawn on the CPU from one seeded generator in the order of the module tree.</summary>
internal static class FreshWeights
{
    private const double FourierDeviation = 16;
    private const double TransformerDeviation = 0.02;

    /// <summary>Initializes a network.</summary>
    public static void Draw(Denoiser model, ulong seed, Device device)
    {
        using var generator = new Generator(seed);
        foreach (var (path, module) in model.named_modules().ToList())
            foreach (var (name, shape) in module.named_parameters(recurse: false)
                .Select(named => (named.name, named.parameter.shape)).ToList())
            {
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                var values = empty(shape, device: CPU);
                if (model is DiTTransformer2DModel)
                    Transformer(path, name, module, values, generator);
                else
                    Default(name, module, values, generator);
                ModelWeights.Set(module, name, values.to(device));
            }
    }

    // torch's own: U(−1/√fan_in, 1/√fan_in) for weight and bias of convolutions and linear layers.
    private static void Default(string name, nn.Module module, Tensor values, Generator generator)
    {
        switch (module)
        {
            case GroupNorm or LayerNorm: values.fill_(name == "weight" ? 1 : 0); break;
            case Embedding: values.normal_(0, 1, generator); break;
            case FourierFeatures: values.normal_(0, FourierDeviation, generator); break;
            default:
                var bound = 1 / Math.Sqrt(FanIn(module));
                values.uniform_(-bound, bound, generator);
                break;
        }
    }

    // DiT's: Xavier's uniform, biases at zero; embedders N(0, 0.02²); adaLN and the output at zero (Peebles and Xie
    // 2023).
    private static void Transformer(string path, string name, nn.Module module, Tensor values, Generator generator)
    {
        if (module is LayerNorm)
            values.fill_(name == "weight" ? 1 : 0);
        else if (name == "bias" || path.EndsWith(".norm1.linear", StringComparison.Ordinal)
            || path.StartsWith("proj_out_", StringComparison.Ordinal))
            values.zero_();
        else if (path.Contains(".emb.", StringComparison.Ordinal))
            values.normal_(0, TransformerDeviation, generator);
        else
        {
            var bound = Math.Sqrt(6.0 / (FanIn(module) + values.shape[0]));
            values.uniform_(-bound, bound, generator);
        }
    }

    private static long FanIn(nn.Module module) => module switch
    {
        Linear linear => linear.in_features,
        Convolution conv => conv.in_channels * conv.kernel_size[0] * conv.kernel_size[1],
        _ => throw new ArgumentException($"a {module.GetName()} cannot be initialized"),
    };
}

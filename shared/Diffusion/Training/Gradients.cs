using static TorchSharp.torch;

namespace Mlops.Diffusion.Training;

/// <summary>The gradients of all parameters taken together.</summary>
public static class Gradients
{
    /// <summary>Scales all gradients so that their common L2 norm is at most <paramref name="most"/> (Pascanu et al.
    /// 2013,
    /// algorithm 1).</summary>
    /// <returns>The norm before; not finite if a gradient is not, and then nothing was scaled.</returns>
    public static double ClipNorm(IEnumerable<Tensor> parameters, double most)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor[] gradients = [.. parameters.Select(parameter => parameter.grad).OfType<Tensor>()];
        if (gradients.Length == 0)
            return 0;
        using var squares = stack(gradients.Select(gradient => gradient.square().sum()));
        var norm = Math.Sqrt(squares.sum().to(float64).item<double>());
        if (double.IsFinite(norm) && norm > most)
            foreach (var gradient in gradients)
                gradient.mul_(most / (norm + 1e-6));

        return norm;
    }
}

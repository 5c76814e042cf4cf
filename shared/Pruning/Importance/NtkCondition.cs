using static TorchSharp.torch;

namespace Mlops.Pruning.Importance;

/// <summary>
/// Condition number of the neural tangent kernel as AutoProg-Zero's public code has it: row n of J is the gradient of
/// the sum of the output of sample n over all weights, without biases and without a loss; the score is the largest
/// eigenvalue of J·Jᵀ over its smallest. Low is trainable.
/// </summary>
public static class NtkCondition
{
    // Gradients have the precision of float32; what is smaller than that is no eigenvalue but rounding.
    private const double SmallestRatio = 1e-7;

    /// <summary>λ_max / λ_min, at most 1e7. Holds one gradient of the network per sample; the network's own gradients
    /// are cleared before and after.</summary>
    /// <param name="output">From the number of a sample to the network's output for it alone.</param>
    public static double Of(nn.Module network, int samples, Func<int, Tensor> output)
    {
        using var scope = NewDisposeScope();
        var rows = Enumerable.Range(0, samples).Select(sample =>
        {
            using var pass = NewDisposeScope();
            network.zero_grad();
            output(sample).sum().backward();
            return network.named_parameters()
                .Where(named => named.name.Split('.')[^1] == "weight" && named.parameter.grad is not null)
                .ToDictionary(
                    named => named.name, named => pass.MoveToOuter(named.parameter.grad!.detach().flatten()));
        }).ToArray();
        network.zero_grad();
        var gram = zeros([samples, samples], float64, CPU);
        foreach (var name in rows[0].Keys)
        {
            using var pass = NewDisposeScope();
            var part = stack(rows.Select(row => row[name])).to(float64);      // [N, P]
            gram.add_(part.mm(part.t()).cpu());
        }

        var eigenvalues = linalg.eigvalsh(gram).data<double>().ToArray();      // ascending
        return eigenvalues[^1] == 0 ? 1 / SmallestRatio
            : eigenvalues[^1] / Math.Max(eigenvalues[0], eigenvalues[^1] * SmallestRatio);
    }
}

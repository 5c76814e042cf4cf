using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;

namespace Mlops.Pruning.Steps;

/// <summary>Which layers the published caches carry on, the same ones in every step.</summary>
public static class LayerPatterns
{
    private const string Down = "down_blocks.", Up = "up_blocks.";

    private static readonly string[] Resamplers = [".downsamplers.", ".resnet_down"];

    /// <summary>The residuals of all layers: FORA with β = 0, TaylorSeer with β = 1.</summary>
    public static StepAction.Partial All(Denoiser network, double beta) => new(
        LayerCarry.Residual, [.. network.Cacheable.Where(layer => layer.IsResidual).Select(layer => layer.Name)], beta);

    /// <summary>DeepCache (Ma et al. 2024): of a UNet all but what the outermost skip connections join, whose last
    /// output is reused; of a transformer the blocks between the outermost ones, whose residuals are.</summary>
    /// <param name="outer">Skip connections, or blocks at either end, that run.</param>
    /// <exception cref="InvalidDataException">Nothing would be left inside.</exception>
    public static StepAction.Partial Inner(Denoiser network, int outer)
    {
        var names = network.Cacheable.Select(layer => layer.Name).ToArray();
        var inner = network is UNet2DModel
            ? InnerOf(names, outer)
            : names.Skip(outer).SkipLast(outer).ToArray();
        return inner.Length > 0
            ? new(network is UNet2DModel ? LayerCarry.Output : LayerCarry.Residual, inner, 0)
            : throw new InvalidDataException($"option 'outer' is {outer}, which leaves no layer of this model inside");
    }

    /// <summary>How many steps run the whole network, the others a part of it, under a budget.</summary>
    /// <param name="network">Dense.</param>
    /// <exception cref="InvalidDataException">The budget is too small; one sentence.</exception>
    public static int Runs(Denoiser network, StepAction.Partial between, int steps, double totalMacs)
    {
        var (whole, part) = (MacCounter.Count(network).Macs, StepCosts.Partial(network, between));
        var fewest = StepBudget.Fewest(between);
        var left = StepBudget.Macs(totalMacs, steps * whole) - (steps * part);
        var runs = part == whole || left < 0 ? 0 : Math.Min(steps, left / (whole - part));
        if (runs >= fewest)
            return (int)runs;
        var share = (double)part / whole;
        var least = Math.Ceiling(1000 * (fewest + ((steps - fewest) * share)) / steps) / 1000;
        throw new InvalidDataException(FormattableString.Invariant(
            $"total-macs {totalMacs} cannot be kept, because what runs at each of the {steps} steps takes ")
            + FormattableString.Invariant($"{share:0.0%} of this model's MACs; ask for at least {least}"));
    }

    // The k-th skip connection from outside joins the k-th state of the encoder, the first being the input's, with the
    // k-th ResNet block of the decoder from behind.
    private static string[] InnerOf(string[] names, int outer)
    {
        var states = Groups(Down, resamplers: true);
        var blocks = Groups(Up, resamplers: false);
        var run = states.Take(outer - 1).Concat(blocks.TakeLast(outer)).SelectMany(group => group).ToHashSet();
        return [.. names.Where(name => !run.Contains(name))];

        // Each with the attention, and in the decoder the upsampler, behind it.
        List<List<string>> Groups(string part, bool resamplers)
        {
            var groups = new List<List<string>>();
            foreach (var name in names.Where(name => name.StartsWith(part, StringComparison.Ordinal)))
                if (name.Contains(".resnets.", StringComparison.Ordinal)
                    || (resamplers && Resamplers.Any(kind => name.Contains(kind, StringComparison.Ordinal))))
                    groups.Add([name]);
                else
                    groups[^1].Add(name);
            return groups;
        }
    }
}

using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Training;

/// <summary>
/// The moments of an <see cref="AdamW"/> optimizer as named tensors, for a safetensors file; TorchSharp's own format
/// holds no names. Parameters without a gradient are left alone by a step, decay and step count included, and are not
/// exported.
/// </summary>
public static class AdamWState
{
    /// <summary>Copies of all moments: <c>NAME.exp_avg</c>, <c>NAME.exp_avg_sq</c>, <c>NAME.step</c>; the caller's
    /// scope owns them.</summary>
    /// <param name="optimizer">One group of parameters.</param>
    /// <param name="names">Their names, in the order in which the optimizer was given them.</param>
    public static Dictionary<string, Tensor> Export(AdamW optimizer, IReadOnlyList<string> names)
    {
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (name, state) in names.Zip(StatesOf(optimizer)).Where(pair => pair.Second.step > 0))
        {
            tensors[$"{name}.exp_avg"] = state.exp_avg.clone();
            tensors[$"{name}.exp_avg_sq"] = state.exp_avg_sq.clone();
            tensors[$"{name}.step"] = tensor([state.step], int64, CPU);
        }

        return tensors;
    }

    /// <summary>Takes over exported moments; parameters that are not among them start fresh.</summary>
    /// <exception cref="InvalidDataException">A moment is missing or has another shape.</exception>
    public static void Import(
        AdamW optimizer, IReadOnlyList<string> names, IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var noGrad = no_grad();
        foreach (var (name, state) in names.Zip(StatesOf(optimizer)))
        {
            state.step = tensors.TryGetValue($"{name}.step", out var step) ? step.cpu().item<long>() : 0;
            Take(state.exp_avg, $"{name}.exp_avg", state.step > 0);
            Take(state.exp_avg_sq, $"{name}.exp_avg_sq", state.step > 0);
        }

        void Take(Tensor moment, string name, bool isSaved)
        {
            if (!isSaved)
                moment.zero_();
            else if (tensors.TryGetValue(name, out var saved) && saved.shape.SequenceEqual(moment.shape))
                moment.copy_(saved);
            else
                throw new InvalidDataException($"optimizer state {name} is missing or is not "
                    + $"[{string.Join(", ", moment.shape)}]; resume from a checkpoint of the same model.");
        }
    }

    private static IEnumerable<AdamW.State> StatesOf(AdamW optimizer) =>
        optimizer.state_dict().State.Cast<AdamW.State>();
}

using Mlops.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Sampling;

/// <summary>A network as a sampler sees it.</summary>
/// <param name="sample">Scaled state [N, C, H, W].</param>
/// <param name="timestep">Model time [1], or [N] one per sample; int64, or float32 for fractional times.</param>
/// <param name="labels">Class labels [N], or null.</param>
/// <returns>The prediction, in the caller's dispose scope.</returns>
public delegate Tensor Prediction(Tensor sample, Tensor timestep, Tensor? labels);

/// <summary>Ways to make a <see cref="Prediction"/>.</summary>
public static class Guidance
{
    /// <summary>A denoiser without guidance; variance channels are passed on.</summary>
    public static Prediction Plain(Denoiser model) => (x, t, labels) => model.Predict(x, t, labels);

    /// <summary>A denoiser with guidance of a scale; 1 is none.</summary>
    /// <exception cref="InvalidDataException">The model has no label that means "none".</exception>
    public static Prediction Of(Denoiser model, double scale) => Of(Plain(model), scale, model.NullLabel);

    /// <summary>The same with something done to its layers; guidance makes one batch of both halves.</summary>
    /// <exception cref="InvalidDataException">The model has no label that means "none".</exception>
    public static Prediction Of(Denoiser model, double scale, LayerControl control) =>
        Of((x, t, labels) => model.Predict(x, t, labels, control), scale, model.NullLabel);

    /// <summary>A network with guidance of a scale; 1 is none.</summary>
    /// <exception cref="InvalidDataException">There is no label that means "none".</exception>
    public static Prediction Of(Prediction predict, double scale, long? nullLabel) => scale == 1
        ? predict
        : ClassifierFree(predict, scale, nullLabel ?? throw new InvalidDataException(FormattableString.Invariant(
            $"guidance {scale} needs a model with a label for 'no class', which this one lacks; set guidance to 1")));

    /// <summary>Classifier-free guidance (Ho &amp; Salimans 2022, equation 6 in the form null + w·(label − null)), both
    /// halves in one batch. A scale of 1 costs one half only. Variance channels are those of the labeled
    /// half.</summary>
    /// <param name="predict">The network.</param>
    /// <param name="scale">w; 1 is no guidance.</param>
    /// <param name="nullLabel">The label that means "none".</param>
    public static Prediction ClassifierFree(Prediction predict, double scale, long nullLabel) => (x, t, labels) =>
    {
        if (labels is null || scale == 1)
            return predict(x, t, labels);
        using var scope = NewDisposeScope();
        var none = labels.full_like(nullLabel);
        var channels = x.shape[1];
        var times = t.shape[0] == 1 ? t : cat([t, t], 0);
        var both = predict(cat([x, x], 0), times, cat([labels, none], 0)).chunk(2, 0);   // [2n, …] -> 2 · [n, …]
        Tensor label = KeepChannels(both[0], channels), unlabeled = KeepChannels(both[1], channels);
        var guided = unlabeled + ((label - unlabeled) * scale);
        var variance = both[0].shape[1] - channels;

        return (variance == 0 ? guided : cat([guided, both[0].narrow(1, channels, variance)], 1))
            .MoveToOuterDisposeScope();
    };

    /// <summary>The first channels of a prediction, without those that carry a variance.</summary>
    public static Tensor KeepChannels(Tensor output, long channels) =>
        output.shape[1] == channels ? output : output.narrow(1, 0, channels);
}

using Mlops.Diffusion.Models;

namespace Mlops.Diffusion.Counting;

/// <summary>
/// Counts parameters and multiply-accumulates from weight shapes: of dense and sliced networks, of shape-only ones, of
/// any input size, and under a mask of layers that run.
/// </summary>
public static class MacCounter
{
    /// <summary>Counts one forward pass.</summary>
    /// <param name="model">A network, or a shape-only one from <see cref="ModelFamily.ShapeOnly"/>.</param>
    /// <param name="batch">Samples in the pass.</param>
    /// <param name="size">Height and width of a sample; null takes the model's own.</param>
    /// <param name="run">Which gateable layers run; null runs all.</param>
    /// <param name="without">Tells modules by name that do not run; null: all do.</param>
    /// <param name="rows">Native timesteps (end excluded) over which a routed network is averaged; null: all.</param>
    /// <exception cref="InvalidDataException">The family has no counter.</exception>
    public static ModelCost Count(
        Denoiser model, long batch = 1, (long Height, long Width)? size = null, IReadOnlyList<bool>? run = null,
        Func<string, bool>? without = null, (int First, int End)? rows = null)
    {
        var costs = new MacAccumulator(model, batch, run, rows);
        var (height, width) = size ?? (model.SampleShape.Height, model.SampleShape.Width);
        switch (model)
        {
            case UNet2DModel unet:
                UNet(unet, costs, (height, width));
                break;
            case DiTTransformer2DModel transformer:
                Transformer(transformer, costs, height, width);
                break;
            default:
                throw new InvalidDataException(
                    $"{model.GetName()} cannot be counted; supported are UNet2DModel and DiT.");
        }
        return costs.Close(without);
    }

    /// <summary>What skipping each gateable layer alone saves, for
    /// one sample, in the order of the model's layers.</summary>
    /// <param name="rows">As for a count.</param>
    public static IReadOnlyList<long> LayerCosts(
        Denoiser model, (long Height, long Width)? size = null, (int First, int End)? rows = null)
    {
        var all = Count(model, 1, size, rows: rows).Macs;
        return [.. model.Layers.Select(layer => all
            - Count(model, 1, size, [.. model.Layers.Select(other => other.Index != layer.Index)], rows: rows).Macs)];
    }

    private static void UNet(UNet2DModel model, MacAccumulator costs, (long H, long W) size)
    {
        costs.Time(model.TimeEmbedding);
        if (model.ClassTime is not null)
            costs.Time(model.ClassTime);
        size = costs.Conv(model.ConvIn, size);
        foreach (var block in model.Down)
        {
            Layers(costs, block.Resnets, block.Attentions, size);
            if (block.Downsampler is { } down)
                size = costs.Conv(down.Conv, size, down.PadsBelowAndRight ? 1 : 0);
            else if (block.DownResnet is not null)
                size = Resnet(costs, block.DownResnet, size);
            if (block.FromImage is not null)
                costs.Conv(block.FromImage, size);
        }
        if (model.Mid is { } mid)
            Layers(costs, mid.Resnets, mid.Attention is null ? [] : [mid.Attention], size);
        foreach (var block in model.Up)
        {
            Layers(costs, block.Resnets, block.Attentions, size);
            if (block.ToImage is not null)
                costs.Conv(block.ToImage, size);
            if (block.Upsampler is { } up)
                size = costs.Conv(up.Conv, (2 * size.H, 2 * size.W));
            else if (block.UpResnet is not null)
                size = Resnet(costs, block.UpResnet, size);
        }
        costs.Conv(model.ConvOut, size);
    }

    private static void Layers(
        MacAccumulator costs, IList<ResnetBlock> resnets, IList<ImageAttention> attentions, (long H, long W) size)
    {
        foreach (var resnet in resnets)
            costs.Layer(resnet.Index, () => Resnet(costs, resnet, size));
        foreach (var attention in attentions)
            costs.Layer(attention.Index, () => costs.Attention(attention, size.H * size.W));
    }

    private static (long H, long W) Resnet(MacAccumulator costs, ResnetBlock block, (long H, long W) size)
    {
        size = block.Resample switch
        {
            Resample.Halve => (size.H / 2, size.W / 2),
            Resample.Double => (2 * size.H, 2 * size.W),
            _ => size,
        };
        costs.Conv(block.Conv1, size);
        costs.Linear(block.TimeProjection, 1);
        costs.Conv(block.Conv2, size);
        if (block.Shortcut is not null)
            costs.Conv(block.Shortcut, size);
        return size;
    }

    private static void Transformer(DiTTransformer2DModel model, MacAccumulator costs, long height, long width)
    {
        var (rows, columns) = costs.Conv(model.Patches.Projection, (height, width));
        var tokens = rows * columns;
        foreach (var block in model.Blocks)
            costs.Layer(block.Index, () =>
            {
                costs.Time(block.Norm.Embedding.Time);
                costs.Linear(block.Norm.Modulation, 1);
                costs.Attention(block.Attention, tokens);
                costs.Linear(block.Feed.Projection, tokens);
                costs.Linear(block.Feed.Out, tokens);
            });
        // The output layer asks the first block's embedder once more, also when that block is skipped.
        costs.Time(model.Blocks[0].Norm.Embedding.Time);
        costs.Linear(model.FinalModulation, 1);
        costs.Linear(model.FinalLinear, tokens);
    }
}

using Mlops.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.SparseExport.Onnx;

/// <summary>The forward pass of a <see cref="UNet2DModel"/>, of which some layers may be left out.</summary>
internal sealed class UNetGraph
{
    private readonly UNet2DModel _network;
    private readonly IReadOnlyList<bool> _run;
    private readonly Stack<OnnxValue> _encoder = new();
    private readonly OnnxValue _time;
    private OnnxValue? _image;

    /// <param name="run">One entry per layer; false leaves it out.</param>
    /// <param name="labels">Null for unconditional models.</param>
    /// <exception cref="InvalidDataException">The network has an embedding for which there is no graph.</exception>
    public UNetGraph(UNet2DModel network, IReadOnlyList<bool> run, OnnxValue timestep, OnnxValue? labels)
    {
        (_network, _run) = (network, run);
        var options = network.Options;
        Refuse("time_embedding_type", options.TimeEmbeddingType, "fourier");
        Refuse("class_embed_type", options.ClassEmbedType, "timestep", "identity");
        var features = network.TimeTable is { } table
            ? timestep.Apply("Cast", ("to", (long)TensorProto.Types.DataType.Int64)).RowsOf(table)
            : timestep.Sinusoids(options.BlockOutChannels[0], options.FlipSinToCos, options.FreqShift);
        var embedding = features.Embed(network.TimeEmbedding);
        if (labels is { } given)
            embedding += given.RowsOf(network.ClassTable!);
        _time = Activate(embedding);
    }

    /// <summary>[n, C, H, W] to [n, C_out, H, W].</summary>
    public OnnxValue Predict(OnnxValue sample)
    {
        var image = _network.Options.CenterInputSample ? (sample * 2) + -1 : sample;
        _image = image;
        var x = image.Conv(_network.ConvIn);
        _encoder.Push(x);
        foreach (var block in _network.Down)
            x = Down(block, x);
        if (_network.Mid is { } mid)
        {
            x = Resnet(mid.Resnets[0], x);
            x = mid.Attention is null ? x : Attention(mid.Attention, x);
            x = Resnet(mid.Resnets[1], x);
        }

        _image = null;
        foreach (var block in _network.Up)
            x = Up(block, x);
        x = x.GroupNorm(_network.NormOut).Activate("silu").Conv(_network.ConvOut);
        return _image is { } added ? x + added : x;
    }

    private OnnxValue Down(UNetDownBlock block, OnnxValue x)
    {
        for (var i = 0; i < block.Resnets.Count; i++)
        {
            x = Resnet(block.Resnets[i], x);
            if (i < block.Attentions.Count)
                x = Attention(block.Attentions[i], x);
            _encoder.Push(x);
        }

        if (block.Downsampler is { } downsampler)
            _encoder.Push(x = x.Conv(downsampler.Conv, downsampler.PadsBelowAndRight ? [0, 0, 1, 1] : null));
        else if (block.DownResnet is { } resnet)
            _encoder.Push(x = FromImage(block, Resnet(resnet, x)));
        return x;
    }

    private OnnxValue Up(UNetUpBlock block, OnnxValue x)
    {
        for (var i = 0; i < block.Resnets.Count; i++)
        {
            x = Resnet(block.Resnets[i], x, _encoder.Pop());
            if (block.Attentions.After(i, block.Resnets.Count) is { } attention)
                x = Attention(attention, x);
        }

        ToImage(block, x);
        return block.Upsampler is { } upsampler ? Doubled(x).Conv(upsampler.Conv)
            : block.UpResnet is { } resnet ? Resnet(resnet, x)
            : x;
    }

    private OnnxValue FromImage(UNetDownBlock block, OnnxValue x)
    {
        if (block.FromImage is null)
            return x;
        var image = Filtered(_image!.Value, SkipBlocks.ImageChannels, Resample.Halve);
        _image = image;
        return image.Conv(block.FromImage) + x;
    }

    private void ToImage(UNetUpBlock block, OnnxValue x)
    {
        if (block.DoublesImage && _image is { } image)
            _image = Filtered(image, SkipBlocks.ImageChannels, Resample.Double);
        if (block.ToImage is null)
            return;
        var added = x.GroupNorm(block.ImageNorm!).Activate("silu").Conv(block.ToImage);
        _image = _image is { } before ? before + added : added;
    }

    private OnnxValue Resnet(ResnetBlock block, OnnxValue x, OnnxValue? encoder = null)
    {
        if (block.Index >= 0 && !_run[block.Index])
            return x;
        if (encoder is { } feature)
            x = OnnxValue.Concat(1, x, feature);
        var h = Activate(x.GroupNorm(block.Norm1));
        (h, x) = (Resampled(block, h), Resampled(block, x));
        h = h.Conv(block.Conv1);
        var shift = _time.Linear(block.TimeProjection).Unsqueeze(2, 3);         // [n, C or 2C, 1, 1]
        if (_network.Options.TimeShift == TimeShift.ScaleShift)
        {
            var parts = shift.Chunk(2, axis: 1);
            h = (h.GroupNorm(block.Norm2) * (parts[0] + 1)) + parts[1];
        }
        else
        {
            h = (h + shift).GroupNorm(block.Norm2);
        }

        var y = (block.Shortcut is null ? x : x.Conv(block.Shortcut)) + Activate(h).Conv(block.Conv2);
        return Scaled(y, block.Shape.Scale);
    }

    private OnnxValue Attention(ImageAttention layer, OnnxValue x)
    {
        if (!_run[layer.Index])
            return x;
        var normed = layer.Norm is null ? x : x.GroupNorm(layer.Norm);
        var tokens = normed.Reshape(0, layer.ToQ.weight.shape[1], -1).Transpose(0, 2, 1);       // [n, H·W, C]
        return Scaled(tokens.Attend(layer).Transpose(0, 2, 1).ReshapeLike(x) + x, layer.Scale);
    }

    private OnnxValue Activate(OnnxValue x) => x.Activate(_network.Options.Activation);

    private static OnnxValue Scaled(OnnxValue y, double scale) => scale == 1 ? y : y * (1 / scale);

    private static OnnxValue Resampled(ResnetBlock block, OnnxValue x) => block.Resample switch
    {
        Resample.None => x,
        _ when block.Shape.Filters => Filtered(x, block.Conv1.weight.shape[1], block.Resample),
        Resample.Halve => Halved(x),
        _ => Doubled(x),
    };

    private static OnnxValue Filtered(OnnxValue x, long channels, Resample resample)
    {
        var doubles = resample == Resample.Double;
        var kernel = FirFilter.Kernel(channels, doubles ? 4 : 1, ScalarType.Float32, CPU);
        return x.Graph.Apply(doubles ? "ConvTranspose" : "Conv", [x, x.Graph.Constant(kernel)],
            ("group", channels), ("strides", (long[])[2, 2]), ("pads", (long[])[1, 1, 1, 1]));
    }

    private static OnnxValue Halved(OnnxValue x) =>
        x.Apply("AveragePool", ("kernel_shape", (long[])[2, 2]), ("strides", (long[])[2, 2]));

    private static OnnxValue Doubled(OnnxValue x)
    {
        var (noRegion, scales) = (new OnnxValue(x.Graph, ""), x.Graph.Constant(tensor([1f, 1f, 2f, 2f], device: CPU)));
        return x.Graph.Apply("Resize", [x, noRegion, scales],
            ("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor"));
    }

    private static void Refuse(string option, string? value, params string[] unknown)
    {
        if (unknown.Contains(value))
            throw new InvalidDataException($"format 'onnx' cannot hold a network whose {option} is '{value}'");
    }
}

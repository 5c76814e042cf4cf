namespace Mlops.Pruning.Groups;

/// <summary>
/// Declares the channel graph of diffusers' UNet2DModel from the names and shapes of its weights. Inputs stand in the
/// order in which PyTorch's operations take them.
/// </summary>
public sealed class UNetGraph
{
    private readonly ChannelGraph _graph;
    private readonly NetworkShape _network;
    private readonly ChannelNode _embedding;
    private readonly Dictionary<string, int> _passed = new(StringComparer.Ordinal);

    private UNetGraph(NetworkShape network)
    {
        (_network, _graph) = (network, new ChannelGraph(network));
        _embedding = TimeEmbedding();
    }

    /// <summary>The nodes in the order in which a walk from the network's output meets them.</summary>
    public static IReadOnlyList<ChannelNode> Trace(NetworkShape network)
    {
        var unet = new UNetGraph(network);
        return unet._graph.Trace(unet.Output());
    }

    /// <summary>Layers of the decoder that are left out, and the channels that go past each.</summary>
    public static IReadOnlyDictionary<string, int> PassedWidths(NetworkShape network)
    {
        var unet = new UNetGraph(network);
        unet.Output();
        return unet._passed;
    }

    private ChannelNode Output()
    {
        ChannelNode? image = null;
        var x = _graph.Conv("conv_in", null);
        var skips = new Stack<ChannelNode>([x]);
        for (var block = 0; _network.Has($"down_blocks.{block}.resnets.0.conv1"); block++)
            x = Down($"down_blocks.{block}", x, skips);
        x = Resnet("mid_block.resnets.0", x);
        for (var layer = 1; _network.Has($"mid_block.resnets.{layer}.conv1"); layer++)
            x = Resnet($"mid_block.resnets.{layer}", AttentionIfAny($"mid_block.attentions.{layer - 1}", x));
        for (var block = 0; _network.Has($"up_blocks.{block}.resnets.0.conv1"); block++)
            x = Up($"up_blocks.{block}", x, skips, ref image);
        var output = _graph.Conv("conv_out", ChannelGraph.Mix(_graph.Norm("conv_norm_out", x)));
        return image is null ? output : ChannelGraph.Mix(output, image);
    }

    private ChannelNode Down(string block, ChannelNode x, Stack<ChannelNode> skips)
    {
        for (var layer = 0; _network.Has($"{block}.resnets.{layer}.conv1"); layer++)
        {
            x = AttentionIfAny($"{block}.attentions.{layer}", Resnet($"{block}.resnets.{layer}", x));
            skips.Push(x);
        }

        var smaller = _network.Has($"{block}.skip_conv")
            ? ChannelGraph.Mix(_graph.Conv($"{block}.skip_conv", null), Resnet($"{block}.resnet_down", x))
            : Resampled($"{block}.downsamplers.0", x);
        if (smaller != x)
            skips.Push(smaller);
        return smaller;
    }

    private ChannelNode Up(string block, ChannelNode x, Stack<ChannelNode> skips, ref ChannelNode? image)
    {
        var attendsOnce = !_network.Has($"{block}.attentions.1.to_q");
        for (var layer = 0; _network.Has($"{block}.resnets.{layer}.conv1"); layer++)
        {
            if (!skips.TryPop(out var skip))
                throw new InvalidDataException($"'{block}' has more layers than the encoder has features");
            x = Decoded($"{block}.resnets.{layer}", x, skip);
            if (!attendsOnce)
                x = AttentionIfAny($"{block}.attentions.{layer}", x);
        }

        if (attendsOnce)
            x = AttentionIfAny($"{block}.attentions.0", x);
        if (!_network.Has($"{block}.skip_conv"))
            return Resampled($"{block}.upsamplers.0", x);
        var added = _graph.Conv($"{block}.skip_conv", ChannelGraph.Mix(_graph.Norm($"{block}.skip_norm", x)));
        image = image is null ? added : ChannelGraph.Mix(ChannelGraph.Mix(image), added);
        return Resnet($"{block}.resnet_up", x);
    }

    /// <summary>A convolution or a ResNet block that changes the resolution; x itself where there is none.</summary>
    private ChannelNode Resampled(string name, ChannelNode x) =>
        _network.Has($"{name}.conv") ? _graph.Conv($"{name}.conv", ChannelGraph.Mix(x))
        : _network.Has($"{name}.conv1") ? Resnet(name, x) : x;

    private ChannelNode Decoded(string name, ChannelNode x, ChannelNode skip)
    {
        if (_network.LeftOut.Contains(name))
        {
            _passed[name] = x.Width;
            return x;
        }

        var y = Resnet(name, ChannelGraph.Concat(x, skip));
        return _network.Bypassed.Contains(name) ? ChannelGraph.Mix(y, x) : y;
    }

    private ChannelNode Resnet(string name, ChannelNode x)
    {
        if (_network.LeftOut.Contains(name))
            return x;
        var h = _graph.Conv($"{name}.conv1", ChannelGraph.Mix(_graph.Norm($"{name}.norm1", x)));
        h = Modulated(name, h);
        h = _graph.Conv($"{name}.conv2", ChannelGraph.Mix(h));
        var shortcut = _network.Has($"{name}.conv_shortcut") ? _graph.Conv($"{name}.conv_shortcut", x) : x;
        return ChannelGraph.Mix(ChannelGraph.Mix(shortcut, h));
    }

    /// <summary>norm2 with the time embedding added before it, or as scale and shift after it.</summary>
    private ChannelNode Modulated(string name, ChannelNode h)
    {
        if (!_network.Has($"{name}.time_emb_proj"))
            return _graph.Norm($"{name}.norm2", h);

        var t = ChannelGraph.Mix(_graph.Linear($"{name}.time_emb_proj", ChannelGraph.Mix(_embedding)));
        if (t.Width == h.Width)
            return _graph.Norm($"{name}.norm2", ChannelGraph.Mix(h, t));

        var scaled = ChannelGraph.Mix(
            _graph.Norm($"{name}.norm2", h), ChannelGraph.Mix(ChannelGraph.Slice(t, 0, h.Width)));
        return ChannelGraph.Mix(scaled, ChannelGraph.Slice(t, h.Width, h.Width));
    }

    private ChannelNode AttentionIfAny(string name, ChannelNode x)
    {
        if (!_network.Has($"{name}.to_q") || _network.LeftOut.Contains(name))
            return x;

        var h = ChannelGraph.Mix(x);
        if (_network.Has($"{name}.group_norm"))
            h = ChannelGraph.Mix(_graph.Norm($"{name}.group_norm", h));
        var q = _graph.Linear($"{name}.to_q", ChannelGraph.Mix(h));
        var k = _graph.Linear($"{name}.to_k", ChannelGraph.Mix(h));
        var v = _graph.Linear($"{name}.to_v", ChannelGraph.Mix(h));
        var mixed = ChannelGraph.Mix(ChannelGraph.Mix(ChannelGraph.Mix(q), ChannelGraph.Mix(k)), ChannelGraph.Mix(v));
        var y = ChannelGraph.Mix(_graph.Linear($"{name}.to_out.0", ChannelGraph.Mix(mixed)));
        return ChannelGraph.Mix(ChannelGraph.Mix(y, x));
    }

    private ChannelNode TimeEmbedding()
    {
        _graph.Keep("time_proj");
        var t = Embedder("time_embedding");
        if (_network.Has("class_embedding.linear_1"))
            return ChannelGraph.Mix(t, Embedder("class_embedding"));

        return _network.Has("class_embedding") ? ChannelGraph.Mix(t, _graph.Embedding("class_embedding")) : t;
    }

    private ChannelNode Embedder(string name) =>
        _graph.Linear($"{name}.linear_2", ChannelGraph.Mix(_graph.Linear($"{name}.linear_1", null)));
}

namespace Mlops.Pruning.Groups;

/// <summary>What a node does to channels.</summary>
public enum NodeKind
{
    Conv,
    Linear,
    Norm,
    Embedding,
    Mix,
    Concat,
    Slice,
}

/// <summary>One layer or functional operation of the channel graph.</summary>
/// <param name="kind">A layer with weights, or how channels pass through.</param>
/// <param name="module">Path of the layer; empty for functional operations.</param>
/// <param name="width">Output channels.</param>
/// <param name="inputs">Producers, in the order in which the operation takes them.</param>
public sealed class ChannelNode(NodeKind kind, string module, int width, params ChannelNode[] inputs)
{
    /// <summary>What the node does to channels.</summary>
    public NodeKind Kind { get; } = kind;

    /// <summary>Path of the layer.</summary>
    public string Module { get; } = module;

    /// <summary>Output channels.</summary>
    public int Width { get; } = width;

    /// <summary>Producers.</summary>
    public IReadOnlyList<ChannelNode> Inputs { get; } = inputs;

    /// <summary>Consumers, in the order of the trace.</summary>
    public List<ChannelNode> Outputs { get; } = [];

    /// <summary>First input channel that a slice passes on.</summary>
    public int SliceStart { get; init; }

    /// <summary>Whether output channels are other channels than the input's: convolutions and linear layers.</summary>
    public bool Mixes => Kind is NodeKind.Conv or NodeKind.Linear;

    /// <summary>Channels of one input of a concatenation start here.</summary>
    public int OffsetOf(ChannelNode input) => Kind == NodeKind.Concat
        ? Inputs.TakeWhile(other => other != input).Sum(other => other.Width)
        : 0;
}

/// <summary>
/// The graph along which a removed channel spreads (DepGraph, arXiv 2301.12900), declared by hand for known networks
/// and walked in the order of Torch-Pruning 1.2.5: that order decides which group is pruned, and so rescored, first.
/// </summary>
public sealed class ChannelGraph(NetworkShape network)
{
    private readonly HashSet<string> _declared = new(StringComparer.Ordinal);

    /// <summary>The sizes the graph is declared over.</summary>
    public NetworkShape Network { get; } = network;

    /// <summary>A convolution; the input may be null when its input channels are fixed.</summary>
    public ChannelNode Conv(string module, ChannelNode? input) => Layer(NodeKind.Conv, module, input);

    /// <summary>A linear layer; the input may be null when its input features are fixed.</summary>
    public ChannelNode Linear(string module, ChannelNode? input) => Layer(NodeKind.Linear, module, input);

    /// <summary>A group norm: channels keep their numbers.</summary>
    public ChannelNode Norm(string module, ChannelNode input) => Layer(NodeKind.Norm, module, input);

    /// <summary>A look-up table whose columns are the channels.</summary>
    public ChannelNode Embedding(string module)
    {
        _declared.Add(module);
        return new ChannelNode(NodeKind.Embedding, module, Network.InChannels(module));
    }

    /// <summary>A layer whose channels are those of no node, and stay.</summary>
    public void Keep(string module) => _declared.Add(module);

    /// <summary>Any operation that ties equal channels of its inputs: sums, products, activations, reshapes.</summary>
    public static ChannelNode Mix(params ChannelNode[] inputs) => new(NodeKind.Mix, "", inputs[0].Width, inputs);

    /// <summary>Inputs side by side.</summary>
    public static ChannelNode Concat(params ChannelNode[] inputs) =>
        new(NodeKind.Concat, "", inputs.Sum(input => input.Width), inputs);

    /// <summary>A run of the input's channels.</summary>
    public static ChannelNode Slice(ChannelNode input, int start, int width) =>
        new(NodeKind.Slice, "", width, input) { SliceStart = start };

    /// <summary>
    /// Links consumers and lists the nodes in the order in which a depth-first walk from the output first meets them.
    /// </summary>
    /// <exception cref="InvalidDataException">The network has a weight that the declaration leaves out.</exception>
    public IReadOnlyList<ChannelNode> Trace(ChannelNode output)
    {
        if (Network.Shapes.Keys.FirstOrDefault(name => !_declared.Contains(Owner(name)) && !IsLeftOut(name))
            is { } stranger)
            throw new InvalidDataException(
                $"'{stranger}' belongs to no layer that channel pruning knows; choose a method that drops layers");

        var met = new List<ChannelNode> { output };
        var known = new HashSet<ChannelNode> { output };
        var done = new HashSet<ChannelNode>();
        var stack = new Stack<ChannelNode>([output]);
        while (stack.TryPop(out var node))
        {
            if (!done.Add(node))
                continue;
            foreach (var input in node.Inputs)
            {
                if (known.Add(input))
                    met.Add(input);
                if (!input.Outputs.Contains(node))
                    input.Outputs.Add(node);
                stack.Push(input);
            }
        }

        return met;
    }

    private bool IsLeftOut(string parameter) =>
        Network.LeftOut.Any(layer => parameter.StartsWith(layer + ".", StringComparison.Ordinal));

    private static string Owner(string parameter) => parameter[..parameter.LastIndexOf('.')];

    private ChannelNode Layer(NodeKind kind, string module, ChannelNode? input)
    {
        _declared.Add(module);
        return new ChannelNode(kind, module, Network.OutChannels(module), input is null ? [] : [input]);
    }
}

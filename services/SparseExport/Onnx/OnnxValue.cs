namespace Mlops.SparseExport.Onnx;

/// <summary>A tensor of the graph, with the operators that networks are made of; each adds one node or a few.</summary>
internal readonly record struct OnnxValue(OnnxGraph Graph, string Name)
{
    public static OnnxValue operator +(OnnxValue x, OnnxValue y) => x.Graph.Apply("Add", [x, y]);

    public static OnnxValue operator +(OnnxValue x, double y) => x + x.Graph.Constant(y);

    public static OnnxValue operator *(OnnxValue x, OnnxValue y) => x.Graph.Apply("Mul", [x, y]);

    public static OnnxValue operator *(OnnxValue x, double y) => x * x.Graph.Constant(y);

    public static OnnxValue Concat(long axis, params IEnumerable<OnnxValue> parts) =>
        parts.First().Graph.Apply("Concat", parts, ("axis", axis));

    /// <summary>An operator of one input.</summary>
    public OnnxValue Apply(string operation, params IEnumerable<(string Name, object Value)> attributes) =>
        Graph.Apply(operation, [this], attributes);

    public OnnxValue MatMul(OnnxValue y) => Graph.Apply("MatMul", [this, y]);

    /// <param name="shape">0 keeps the size of that dimension, −1 takes what is left.</param>
    public OnnxValue Reshape(params long[] shape) => Graph.Apply("Reshape", [this, Graph.Constant(shape)]);

    public OnnxValue ReshapeLike(OnnxValue y) => Graph.Apply("Reshape", [this, y.Apply("Shape")]);

    public OnnxValue Transpose(params long[] order) => Apply("Transpose", ("perm", order));

    public OnnxValue Unsqueeze(params long[] axes) => Graph.Apply("Unsqueeze", [this, Graph.Constant(axes)]);

    /// <summary>Equal parts of one axis.</summary>
    public OnnxValue[] Chunk(int parts, long axis) =>
        Graph.Apply(parts, "Split", [this], ("axis", axis), ("num_outputs", (long)parts));

    /// <summary>Parts of the given sizes of one axis.</summary>
    public OnnxValue[] Split(IReadOnlyList<long> sizes, long axis) =>
        Graph.Apply(sizes.Count, "Split", [this, Graph.Constant([.. sizes])], ("axis", axis));
}

using Google.Protobuf;
using Mlops.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.SparseExport.Onnx;

/// <summary>An ONNX graph under construction. Weights keep their names of the weight file; they are float32.</summary>
/// <param name="network">Whose weights it takes.</param>
internal sealed class OnnxGraph(Denoiser network)
{
    /// <summary>Version of the operators; the oldest that has Mish and splits by count.</summary>
    public const int Opset = 18;

    private const int IrVersion = 8;

    // A protobuf message ends at 2 GiB; the rest is for nodes and names.
    private const long MaxBytes = int.MaxValue - (16L << 20);

    private readonly GraphProto _graph = new() { Name = network.GetName() };
    private readonly List<(TensorProto Stored, Tensor Value)> _values = [];
    private readonly Dictionary<string, OnnxValue> _weights = [];
    private readonly Dictionary<nn.Module, string> _paths =
        network.named_modules().ToDictionary(named => named.module, named => named.name);

    /// <summary>Declares an input; its first dimension is the batch's, which is free.</summary>
    public OnnxValue Input(string name, TensorProto.Types.DataType type, params long[] perSample)
    {
        _graph.Input.Add(Declaration(name, type, perSample));
        return new(this, name);
    }

    /// <summary>Declares the output, float32, and gives a value its name.</summary>
    public void Output(string name, OnnxValue value, params long[] perSample)
    {
        _graph.Output.Add(Declaration(name, TensorProto.Types.DataType.Float, perSample));
        _graph.Node.Add(new NodeProto { OpType = "Identity", Name = name, Input = { value.Name }, Output = { name } });
    }

    /// <summary>A weight of one of the network's layers; the same one each time.</summary>
    /// <param name="name"><c>weight</c> or <c>bias</c>.</param>
    /// <param name="value">The weight as it is, transposed or reshaped.</param>
    public OnnxValue Weight(nn.Module layer, string name, Tensor value)
    {
        var path = $"{_paths[layer]}.{name}";
        if (!_weights.TryGetValue(path, out var weight))
            _weights[path] = weight = Add(path, value);
        return weight;
    }

    /// <summary>A constant, float32 or int64; the values are read when the file is written.</summary>
    public OnnxValue Constant(Tensor value) => Add(NewName("Constant"), value);

    /// <summary>A scalar, float32.</summary>
    public OnnxValue Constant(double value) => Constant(tensor((float)value, device: CPU));

    /// <summary>A list of whole numbers.</summary>
    public OnnxValue Constant(params long[] values) => Constant(tensor(values, device: CPU));

    /// <summary>One operator of the standard with one result.</summary>
    /// <param name="attributes">Values are of type long, double, string or long[].</param>
    public OnnxValue Apply(
        string operation, IEnumerable<OnnxValue> inputs, params IEnumerable<(string Name, object Value)> attributes) =>
        Apply(1, operation, inputs, attributes)[0];

    /// <summary>One operator with several results.</summary>
    public OnnxValue[] Apply(
        int results, string operation, IEnumerable<OnnxValue> inputs,
        params IEnumerable<(string Name, object Value)> attributes)
    {
        var name = NewName(operation);
        var node = new NodeProto { OpType = operation, Name = name };
        node.Input.AddRange(inputs.Select(input => input.Name));
        node.Output.AddRange(Enumerable.Range(0, results).Select(i => i == 0 ? name : $"{name}.{i}"));
        node.Attribute.AddRange(attributes.Select(attribute => Attribute(attribute.Name, attribute.Value)));
        _graph.Node.Add(node);
        return [.. node.Output.Select(output => new OnnxValue(this, output))];
    }

    /// <summary>Writes the file.</summary>
    /// <exception cref="InvalidDataException">It would be larger than ONNX allows.</exception>
    public void Save(string path)
    {
        if (_values.Sum(entry => entry.Value.numel() * entry.Value.element_size()) > MaxBytes)
            throw new InvalidDataException(
                "format 'onnx' cannot hold this network, whose weights take more than the 2 GiB of an ONNX file; "
                + "use 'pruned'");
        foreach (var (stored, value) in _values)
        {
            using var scope = NewDisposeScope();
            // Taken over rather than copied once more.
            stored.RawData = UnsafeByteOperations.UnsafeWrap(value.cpu().contiguous().bytes.ToArray());
        }

        var model = new ModelProto
        {
            IrVersion = IrVersion, ProducerName = "mlops", Graph = _graph,
            OpsetImport = { new OperatorSetIdProto { Version = Opset } },
        };
        using var file = File.Create(path);
        model.WriteTo(file);
    }

    private OnnxValue Add(string name, Tensor value)
    {
        var type = value.dtype == ScalarType.Int64
            ? TensorProto.Types.DataType.Int64 : TensorProto.Types.DataType.Float;
        var stored = new TensorProto { Name = name, DataType = (int)type, Dims = { value.shape } };
        _graph.Initializer.Add(stored);
        _values.Add((stored, value));
        return new(this, name);
    }

    private string NewName(string what) => $"{what}_{_graph.Node.Count + _graph.Initializer.Count}";

    private static AttributeProto Attribute(string name, object value) => value switch
    {
        long number => new() { Name = name, I = number, Type = AttributeProto.Types.AttributeType.Int },
        double number => new() { Name = name, F = (float)number, Type = AttributeProto.Types.AttributeType.Float },
        string text => new()
        {
            Name = name, S = ByteString.CopyFromUtf8(text), Type = AttributeProto.Types.AttributeType.String,
        },
        long[] numbers => new() { Name = name, Ints = { numbers }, Type = AttributeProto.Types.AttributeType.Ints },
        _ => throw new ArgumentException($"attribute '{name}' is of type {value.GetType()}", nameof(value)),
    };

    private static ValueInfoProto Declaration(string name, TensorProto.Types.DataType type, long[] perSample)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "n" } } };
        shape.Dim.AddRange(perSample.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape };
        return new() { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}

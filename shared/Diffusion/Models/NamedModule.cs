using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// A module whose children are registered under the names of the weight file. Networks are built without storage, on
/// the device <c>meta</c>; <see cref="ModelWeights"/> gives them weights.
/// </summary>
public abstract class NamedModule(string name) : nn.Module(name)
{
    /// <summary>Registers a child and returns it.</summary>
    /// <param name="key">Its step in the path of a tensor's name.</param>
    protected T Register<T>(string key, T module)
        where T : nn.Module
    {
        register_module(key, module);
        return module;
    }

    /// <summary>Registers children under 0, 1, … below one key.</summary>
    protected ModuleList<T> Register<T>(string key, IEnumerable<T> modules)
        where T : nn.Module => Register(key, new ModuleList<T>([.. modules]));

    // TorchSharp would register every field once more, under its C# name.
    protected override void RegisterComponents()
    {
    }
}

/// <summary>Layers whose widths come from their weights, which slicing may have made smaller.</summary>
internal static class SlicedLayers
{
    /// <summary>The convolution; <c>call</c> would insist on the channels it was constructed with.</summary>
    public static Tensor Apply(this Conv2d layer, Tensor x) =>
        nn.functional.conv2d(x, layer.weight, layer.bias, layer.stride, layer.padding);

    /// <summary>The linear layer without the rows and columns that are not named; null names all. A weight that has
    /// no others is cut to the columns already.</summary>
    public static Tensor Apply(this Linear layer, Tensor x, Tensor? rows, Tensor? columns)
    {
        if (columns?.shape[0] == layer.weight.shape[1])
            columns = null;
        if (rows is null && columns is null)
            return layer.call(x);
        using var scope = NewDisposeScope();
        var (weight, bias) = rows is null
            ? (layer.weight, layer.bias)
            : (layer.weight.index_select(0, rows), layer.bias?.index_select(0, rows));
        return scope.MoveToOuter(nn.functional.linear(
            x, columns is null ? weight : weight.index_select(1, columns), bias));
    }
}

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// The weights of a network, by their names in the weight file. A network is built without any, on the device
/// <c>meta</c>; a weight that was never set is <em>absent</em>: it has a shape and no values, which is enough to count
/// it, and all that a layer needs that never runs.
/// </summary>
public static class ModelWeights
{
    /// <summary>Every weight that is present, in the order of the module tree.</summary>
    public static IEnumerable<(string Name, Parameter Value)> Present(this nn.Module model) =>
        model.named_parameters().Where(named => !named.parameter.IsAbsent());

    /// <summary>From here on a network only answers: evaluation mode, and no gradients of its weights.</summary>
    public static void Freeze(this nn.Module model)
    {
        model.eval();
        foreach (var (_, weight) in model.Present())
            weight.requires_grad_(false);
    }

    /// <summary>Shape of every weight, absent ones included.</summary>
    public static Dictionary<string, long[]> Shapes(this nn.Module model) => model.named_parameters()
        .ToDictionary(named => named.name, named => named.parameter.shape, StringComparer.Ordinal);

    /// <summary>Whether a weight has a shape only.</summary>
    public static bool IsAbsent(this Tensor weight) => weight.device_type == DeviceType.META;

    /// <summary>Puts a value in the place of a weight, whose shape may change; the old one is disposed of.</summary>
    /// <param name="name"><c>weight</c> or <c>bias</c>.</param>
    /// <param name="value">Becomes the layer's own.</param>
    /// <exception cref="ArgumentException">The layer has no such weight.</exception>
    public static void Set(nn.Module module, string name, Tensor value)
    {
        var shape = value.shape;
        var parameter = new Parameter(value, requires_grad: module is not FourierFeatures);     // takes the handle away
        switch (module, name)
        {
            case (Linear layer, "weight"):
                (layer.out_features, layer.in_features) = (shape[0], shape[1]);
                layer.weight = parameter;
                break;
            case (Convolution layer, "weight"): layer.weight = parameter; break;
            case (GroupNorm layer, "weight"): layer.weight = parameter; break;
            case (LayerNorm layer, "weight"): layer.weight = parameter; break;
            case (Embedding layer, "weight"):
                parameter.DetachFromDisposeScope();
                layer.weight = parameter;
                break;
            case (FourierFeatures layer, "weight"): layer.Weight = parameter; break;
            case (Linear layer, "bias"): layer.bias = parameter; break;
            case (Convolution layer, "bias"): layer.bias = parameter; break;
            case (GroupNorm layer, "bias"): layer.bias = parameter; break;
            case (LayerNorm layer, "bias"): layer.bias = parameter; break;
            default: throw new ArgumentException($"a {module.GetName()} has no {name} that can be set");
        }
    }

    /// <summary>Sets every weight for which there is a value.</summary>
    /// <param name="valueOf">From full name and present shape to a
    /// new tensor, or null to leave the weight as it is.</param>
    public static void SetAll(this nn.Module model, Func<string, long[], Tensor?> valueOf)
    {
        foreach (var (path, module) in model.named_modules().ToList())
            foreach (var (name, old) in module.named_parameters(recurse: false).ToList())
            {
                using var scope = NewDisposeScope();
                if (valueOf($"{path}.{name}", old.shape) is { } value)
                    Set(module, name, value);
            }
    }

    /// <summary>Copies every present weight of another network of the same configuration.</summary>
    public static void CopyFrom(this nn.Module model, nn.Module source)
    {
        var weights = source.Present().ToDictionary(named => named.Name, named => named.Value, StringComparer.Ordinal);
        model.SetAll((name, _) => weights.GetValueOrDefault(name)?.detach().clone());
    }

    /// <summary>Moves the present weights to a device, or to another type.</summary>
    public static void MoveTo(this nn.Module model, Device device, ScalarType dtype)
    {
        var weights = model.Present().ToDictionary(named => named.Name, named => named.Value, StringComparer.Ordinal);
        model.SetAll((name, _) => weights.TryGetValue(name, out var value)
            && (value.device != device || value.dtype != dtype) ? value.detach().to(dtype, device) : null);
    }
}

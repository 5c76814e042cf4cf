using Mlops.Diffusion.Models;
using Mlops.Diffusion.Training;
using Mlops.Diffusion.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.CoFinetuning;

/// <summary>
/// A module with what its training remembers: the optimizer's moments, and an average of its weights if one is kept.
/// Where the module computes in bfloat16 it has master weights in float32, which the optimizer moves and which are
/// saved.
/// </summary>
internal sealed class ModuleTrainer : IDisposable
{
    private readonly string _name;
    private readonly nn.Module _module;
    private readonly double _clipNorm;
    private readonly LearningRate _rate;
    private readonly string[] _names;
    private readonly Parameter[] _weights;
    private readonly Parameter[] _masters;
    private readonly AdamW _optimizer;
    private readonly Ema? _average;

    /// <param name="name">Word in the names of its checkpoint files.</param>
    /// <param name="module">What is trained, in float32; not owned.</param>
    /// <param name="compute">Type in which it computes from here on.</param>
    /// <param name="rate">Learning rate as a function of the step.</param>
    /// <param name="clipNorm">Largest gradient norm.</param>
    /// <param name="emaDecay">0 keeps no average.</param>
    public ModuleTrainer(
        string name, nn.Module module, ScalarType compute, LearningRate rate, double weightDecay, double clipNorm,
        double emaDecay = 0)
    {
        (_name, _module, _rate, _clipNorm) = (name, module, rate, clipNorm);
        _names = [.. Trained(module).Select(weight => weight.Name)];
        _masters = [.. Trained(module).Select(weight => compute == float32 ? weight.Value : Master(weight.Value))];
        if (compute != float32)
            module.MoveTo(_masters[0].device, compute);
        _weights = [.. Trained(module).Select(weight => weight.Value)];
        _optimizer = optim.AdamW(_masters, rate.Peak, beta1: 0.9, beta2: 0.999, weight_decay: weightDecay);
        _average = emaDecay > 0
            ? new Ema(_names.Zip(_masters.Cast<Tensor>()), emaDecay, warmUp: true)
            : null;
    }

    /// <summary>Clips the gradients that are there and takes a step.</summary>
    /// <param name="step">1 for the first.</param>
    /// <exception cref="InvalidDataException">A gradient is not a number.</exception>
    public void Update(int step)
    {
        TakeGradients();
        if (!double.IsFinite(nn.utils.clip_grad_norm_(_masters, _clipNorm)))
            throw new InvalidDataException(FormattableString.Invariant(
                $"the gradient of the {_name} is not finite at step {step}; lower its rate (now {_rate.Peak})"));

        foreach (var group in _optimizer.ParamGroups)
            group.LearningRate = _rate.At(step - 1);
        _optimizer.step();
        _average?.Update();
        CopyToModule();
    }

    /// <summary>Starts the average, if one is kept, from the present weights.</summary>
    public void RestartAverage() => _average?.Restart();

    /// <summary>Replaces the weights by their average, if one is kept, in float32.</summary>
    public void Finish()
    {
        _average?.CopyToWeights();
        if (!HasMasters)
            return;
        var masters = _names.Zip(_masters).ToDictionary(pair => pair.First, pair => pair.Second);
        _module.SetAll((name, _) => masters.GetValueOrDefault(name)?.detach().clone());
    }

    /// <summary>Writes weights, moments and average as safetensors files.</summary>
    public void Save(string folder)
    {
        using var scope = NewDisposeScope();
        Write(folder, "", _names.Zip(_masters).ToDictionary(pair => pair.First, pair => (Tensor)pair.Second));
        Write(folder, ".moments", AdamWState.Export(_optimizer, _names));
        if (_average is not null)
            Write(folder, ".average", _average.Export());
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The files are of another network.</exception>
    public void Load(string folder)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var saved = Read(folder, "");
        foreach (var (name, master) in _names.Zip(_masters))
            master.copy_(saved.TryGetValue(name, out var weight) && weight.shape.SequenceEqual(master.shape)
                ? weight
                : throw new InvalidDataException(
                    $"the checkpoint of the {_name} lacks '{name}' or has it in another shape; "
                    + "resume with the model it was made from"));
        AdamWState.Import(_optimizer, _names, Read(folder, ".moments"));
        _average?.Import(Read(folder, ".average"));
        CopyToModule();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        _average?.Dispose();
        if (HasMasters)
            foreach (var master in _masters)
                master.Dispose();
    }

    private bool HasMasters => _weights.Length > 0 && !ReferenceEquals(_weights[0], _masters[0]);

    private static IEnumerable<(string Name, Parameter Value)> Trained(nn.Module module) =>
        module.Present().Where(weight => weight.Value.requires_grad);

    private static Parameter Master(Parameter weight)
    {
        var master = new Parameter(weight.detach().clone());
        master.DetachFromDisposeScope();
        return master;
    }

    private void TakeGradients()
    {
        if (!HasMasters)
            return;
        foreach (var (weight, master) in _weights.Zip(_masters))
            master.grad = weight.grad?.to(float32);
    }

    private void CopyToModule()
    {
        if (!HasMasters)
            return;
        using var noGrad = no_grad();
        foreach (var (weight, master) in _weights.Zip(_masters))
            weight.copy_(master);
    }

    private void Write(string folder, string suffix, IReadOnlyDictionary<string, Tensor> tensors) =>
        SafetensorsWriter.Write(Path.Combine(folder, _name + suffix + ".safetensors"), tensors);

    private Dictionary<string, Tensor> Read(string folder, string suffix)
    {
        using var file = SafetensorsFile.Open(Path.Combine(folder, _name + suffix + ".safetensors"));
        return file.Header.Tensors.Keys.ToDictionary(name => name, file.Read);
    }
}
